// In a process of its own, because the parser is an ES module, which jest cannot load.
// Reads a JSON list of expressions, prints for each what it asks for: metrics with their matchers, and other labels.
import { parser } from '@prometheus-io/lezer-promql';

const texts = [];
for await (const chunk of process.stdin) texts.push(chunk);

function matcherOf(node, text) {
  const part = (type) => {
    const child = node.getChild(type);
    return child === null ? '' : text.slice(child.from, child.to);
  };
  return { label: part('LabelName'), operator: part('MatchOp'), value: part('StringLiteral').slice(1, -1) };
}

function asked(text) {
  const found = { faults: [], metrics: [], labels: [] };
  parser.parse(text).iterate({
    enter(at) {
      if (at.type.isError) found.faults.push(text.slice(0, at.to));
      if (at.name === 'VectorSelector') {
        const name = at.node.getChild('Identifier');
        const matchers = at.node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
        found.metrics.push({
          name: name === null ? '' : text.slice(name.from, name.to),
          matchers: matchers.map((matcher) => matcherOf(matcher, text)),
        });
      }
      if (at.name === 'LabelName' && at.node.parent.name === 'GroupingLabels')
        found.labels.push(text.slice(at.from, at.to));
    },
  });
  return found;
}

process.stdout.write(JSON.stringify(JSON.parse(texts.join('')).map(asked)));

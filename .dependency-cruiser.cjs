/** Who may import whom (docs/architecture.md); each rule says which damage it prevents. */
const rooms = '^(src|workflows|activities)/';

const only = (name, from, comment, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { pathNot: allowed },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'In a circle nobody can be understood, tested or replaced alone.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    only(
      'domain-is-pure',
      '^src/domain/',
      'The domain is part of the workflow bundle: what it imports must be deterministic and free of input and output.',
      ['^src/domain/', '^node_modules/(decimal\\.js|fast-sha256)/'],
    ),
    only(
      'lib-knows-nobody',
      '^src/lib/',
      'What belongs to no subject can serve all of them only as long as it knows none.',
      ['^src/lib/', '^node_modules/async-mutex/', '^(node:)?timers/promises$'],
    ),
    only('codecs-know-no-partner', '^src/codecs/', 'A codec that knows a partner cannot serve the next one.', [
      '^src/(codecs|domain)/',
      '^node_modules/(io-ts|fp-ts|lossless-json|decimal\\.js)/',
    ]),
    only(
      'lifecycles-of-a-partner-are-pure',
      '^src/partners/([^/]+)/lifecycles/',
      'The tables of a partner are part of the workflow bundle, as the domain is: a client among them would be bundled, too.',
      ['^src/partners/$1/lifecycles/', '^src/domain/'],
    ),
    only(
      'partners-stand-alone',
      '^src/partners/([^/]+)/',
      'A partner’s folder is added and removed as a whole, so it may lean on no other partner, on no store and on no workflow.',
      [
        '^src/partners/$1/',
        '^src/partners/[^/]+\\.ts$',
        '^src/(codecs|domain)/',
        '^node_modules/(io-ts|fp-ts|undici|lossless-json|decimal\\.js)/',
        // Signatures by RFC 9421 are a library's business, and authentication's alone.
        '^(node_modules/http-message-sig/|structured-headers$)',
        // A variable may name a file of keys.
        '^(node:)?(crypto|fs)$',
      ],
    ),
    {
      name: 'a-partner-is-reached-by-its-module',
      comment:
        'Whoever reaches into a partner’s folder names that partner, and has to be found again for the next one.',
      severity: 'error',
      from: { path: rooms, pathNot: ['^src/(partners|simulator)/'] },
      to: { path: '^src/partners/[^/]+/' },
    },
    {
      name: 'one-list-of-partners',
      comment:
        'Partners are handed to whoever needs them, so that a test can hand in others: few name the list itself.',
      severity: 'error',
      from: { path: rooms, pathNot: ['^src/(commands|tools|development)/'] },
      to: { path: '^src/partners/index\\.ts$' },
    },
    only(
      'store-is-below',
      '^src/store/',
      'Receiver, dispatch and activities all write through the store; if it knew one of them the others would depend on it.',
      [
        '^src/(store|domain)/',
        '^node_modules/(cockatiel|kysely|pg|uuid)/',
        '^(node:)?(crypto|net|util|timers/promises)$',
      ],
    ),
    only(
      'temporal-is-reached-by-contract',
      '^src/temporal/',
      'Clients of Temporal know names and messages of workflows, never their code: it is bundled, replayed and deployed by itself.',
      [
        '^src/(temporal|store|domain)/',
        '^workflows/(action-)?contract\\.ts$',
        '^node_modules/(@temporalio/(client|common|envconfig|proto)|cockatiel|kysely)/',
        '^(node:)?(fs|path)$',
      ],
    ),
    only(
      'ledger-books-what-dispatch-hands-over',
      '^src/ledger/',
      'One writer books: if it asked flows or the network, money would wait for them inside its transaction.',
      ['^src/(ledger|store|domain)/', '^src/partners/partners\\.ts$', '^node_modules/kysely/'],
    ),
    only(
      'dispatch-reaches-flows-by-contract',
      '^src/dispatch/',
      'Dispatch decides what becomes of a delivery; how Temporal is called and how money is booked has one place each, below it.',
      [
        '^src/(dispatch|ledger|temporal|partners|store|lib|domain)/',
        '^node_modules/(kysely|pino|uuid)/',
        '^(node:)?(events|timers/promises)$',
      ],
    ),
    only(
      'operators-act-by-the-same-doors',
      '^src/operator/',
      'Command line, API and page act alike because they all act through here; it may know none of them.',
      [
        '^src/(operator|temporal|partners|store|lib|domain)/',
        '^workflows/(action-)?contract\\.ts$',
        '^node_modules/(@temporalio/(client|common)|kysely|pino|uuid)/',
        // One file of all evidence of a subject, with a page in it.
        '^node_modules/(yazl|preact|preact-render-to-string)/',
        '^(node:)?(crypto|stream|stream/promises)$',
      ],
    ),
    only(
      'evidence-judges-by-the-rules-of-reception',
      '^src/operator/evidence/',
      'Evidence is worth something because it is judged by the code that judged the webhook, and by nothing else.',
      [
        '^src/operator/evidence/',
        '^src/(store|domain)/',
        '^src/partners/(evidence|partner-module)\\.ts$',
        '^node_modules/kysely/',
        '^(node:)?crypto$',
      ],
    ),
    only(
      'outbox-sends-what-is-stored',
      '^src/outbox/',
      'What is told was decided and written by others: a sender that knew flows or partners could tell what never happened.',
      ['^src/(outbox|store|lib|domain)/', '^node_modules/(standardwebhooks|undici|kysely|pino|uuid)/'],
    ),
    only(
      'http-keeps-and-shows',
      '^src/http/',
      'The receiver acknowledges before anyone looks inside: it may authenticate, not decode.',
      [
        '^src/(http|operator|store|lib|domain|codecs)/',
        '^src/partners/(authentication|kept-headers)\\.ts$',
        // Where a trace begins, and what is counted of a request; where both are sent stays in their room.
        '^src/telemetry/(tracing|receiver-metrics)\\.ts$',
        '^node_modules/(koa|@koa/router|kysely|pino|prom-client|uuid|pg|io-ts|fp-ts)/',
        '^(node:)?(http|net|crypto|stream|buffer|perf_hooks|timers)(/promises)?$',
        // What operators see in a browser is rendered here; tokens against cross-site requests are a library's business.
        '^node_modules/(preact|preact-render-to-string|csrf)/',
      ],
    ),
    {
      name: 'page-views-are-pure',
      comment:
        'A view is a function of what it is given: one that asks the store or the request itself cannot be read alone. Types may come from anywhere.',
      severity: 'error',
      from: { path: '^src/http/page/views/' },
      to: {
        pathNot: ['^src/http/page/views/', '^src/domain/', '^node_modules/(preact|preact-render-to-string)/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    only(
      'telemetry-watches',
      '^src/telemetry/',
      'What is measured, traced and logged is seen from outside; if what is watched knew who watches, it could come to depend on it.',
      [
        '^src/(telemetry|dispatch|temporal|store|domain)/',
        '^src/partners/reading\\.ts$',
        '^workflows/trace-contract\\.ts$',
        '^node_modules/(@opentelemetry|@temporalio/(client|common|worker)|pino|prom-client)/',
        '^(node:)?(async_hooks|timers/promises)$',
      ],
    ),
    only(
      'workflows-are-deterministic',
      '^workflows/',
      'Workflow code is replayed: what it imports must give the same again, years later.',
      ['^(workflows|src/domain)/', '^node_modules/@temporalio/(workflow|common)/'],
    ),
    only(
      'activities-are-the-edge',
      '^activities/',
      'Activities do input and output through partners and store, and know the contract alone of workflows.',
      [
        '^activities/',
        '^src/(partners|store|domain)/',
        '^workflows/(action-)?contract\\.ts$',
        '^node_modules/(@temporalio/(activity|common)|kysely)/',
        '^(node:)?timers/promises$',
      ],
    ),
    only(
      'replay-only-reads',
      '^src/replay/',
      'Replay runs against production before a deploy: it reads flows, and reaches no store and no partner.',
      ['^src/(replay|domain)/', '^node_modules/@temporalio/(client|common|worker)/', '^(node:)?(fs|path)$'],
    ),
    only(
      'configuration-names-what-others-need',
      '^src/config/',
      'Reading a variable must do nothing: whoever reads one opens no connection and starts nothing.',
      [
        '^src/(config|codecs|domain|partners)/',
        '^src/(outbox/(post|sender)|store/encryption|telemetry/tracing|temporal/client)\\.ts$',
        '^activities/decide-recurrence\\.ts$',
        '^node_modules/(@temporalio/envconfig|date-easter|io-ts|fp-ts|iso8601-duration|luxon)/',
        '^(node:)?(crypto|fs|path)$',
      ],
    ),
    {
      name: 'processes-put-the-parts-together',
      comment: 'A part that reached for a whole process could be used in no other one.',
      severity: 'error',
      from: { path: rooms, pathNot: ['^src/(processes|commands|development)/', '^src/cli\\.ts$'] },
      to: { path: '^src/processes/' },
    },
    {
      name: 'tools-run-by-themselves',
      comment: 'What `npm run` uses writes files of the project: nothing that runs in production may reach it.',
      severity: 'error',
      from: { path: rooms, pathNot: ['^src/tools/'] },
      to: { path: '^src/tools/' },
    },
    {
      name: 'commands-are-asked-by-people',
      comment: 'A part that calls a command would depend on what is printed for people; what both need is below them.',
      severity: 'error',
      from: { path: rooms, pathNot: ['^src/commands/', '^src/cli\\.ts$'] },
      to: { path: '^src/commands/' },
    },
    {
      name: 'no-development-in-production',
      comment:
        'Development servers and simulated partners never run in production; only the command line reaches them, on demand.',
      severity: 'error',
      from: { path: rooms, pathNot: ['^src/(development|simulator)/', '^src/cli\\.ts$', '^src/commands/'] },
      to: { path: '^src/(development|simulator)/' },
    },
    {
      name: 'every-event-is-registered',
      comment: 'An event file that nobody registered decodes nothing, and nobody notices.',
      severity: 'error',
      from: { orphan: true, path: '^src/partners/[^/]+/events/' },
      to: {},
    },
    {
      name: 'event-file-reached-from-its-index',
      comment: 'As above, for an event file that imports something itself.',
      severity: 'error',
      module: { path: '^src/partners/[^/]+/events/(?!index\\.ts)', numberOfDependentsLessThan: 1 },
      from: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
  },
};

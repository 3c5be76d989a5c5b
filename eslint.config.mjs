import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

const environment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message:
    'Only src/config/configuration.ts reads the environment: a variable read elsewhere is neither checked nor documented.',
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', '**/*.cjs', '**/*.mjs'] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      'no-restricted-syntax': ['error', environment],
      // Preact's types bring those of a browser along: a forgotten variable of such a name would compile, and be undefined.
      'no-restricted-globals': [
        'error',
        'window',
        'document',
        'location',
        'name',
        'event',
        'status',
        'self',
        'parent',
        'top',
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Taking fields out of a value by naming them is how a copy without them is made.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', 70],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}', 'workflows/**/*.ts', 'activities/**/*.ts'],
    plugins: { jsdoc },
    rules: {
      // A fixer would fill in empty comments, which say nothing and satisfy the rule.
      'jsdoc/no-blank-blocks': 'error',
      'jsdoc/require-jsdoc': [
        'error',
        {
          enableFixer: false,
          publicOnly: true,
          require: { FunctionDeclaration: true, ClassDeclaration: true, ArrowFunctionExpression: false },
          contexts: [
            'TSInterfaceDeclaration',
            'TSTypeAliasDeclaration',
            'ExportNamedDeclaration > VariableDeclaration',
          ],
        },
      ],
      // A docstring names the thing first: a question needs a second reading.
      'jsdoc/match-description': [
        'error',
        {
          contexts: ['any'],
          matchDescription: '^(?!(What|How|Whether|Where|Who|Whose|Which|When)\\b)[\\s\\S]+',
          message: 'Begin with a noun, not with What, How, Whether, Where, Who, Whose, Which or When.',
        },
      ],
    },
  },
  {
    files: ['src/config/configuration.ts', 'src/development/**', 'src/cli.ts', 'test/**', 'bench/**', 'chaos/**'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['workflows/**'],
    ignores: ['workflows/patches.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          name: '@temporalio/workflow',
          importNames: ['patched', 'deprecatePatch'],
          message: 'Only workflows/patches.ts patches: its table shows every change that running flows depend on.',
        },
      ],
    },
  },
  { files: ['src/store/schema/migrations/**'], rules: { 'max-lines-per-function': 'off' } },
  {
    files: ['test/**', 'bench/**', 'chaos/**'],
    rules: {
      'max-lines': ['error', 500],
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-misused-promises': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
);

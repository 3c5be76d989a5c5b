type Row = readonly [file: string, event: string, workflowId: string | null, became: string, state: string | null];

/** By the name of the example: action, user, and the type that becomes the state. Each is printed with both kinds of ids. */
const EXAMPLES: readonly (readonly [string, string, string, string])[] = [
  ['delisting', '1ef02fed-b3e9-693c-a0c5-5b8044f2b6cc', '1ef02fe8-ddf6-6df6-9f07-053d75a38807', 'delisting'],
  ['dividend-asset', '1eeeb75f-a80a-6808-a4b3-af7b04773f44', '645280f2-15c3-421e-a288-bb11d627f4fc', 'dividend'],
  ['dividend-fiat', '1eda1576-6e55-6cb0-8385-da5863bc9734', '1eda0aa0-4444-6a10-9298-6e3cbc822981', 'dividend'],
  ['merger-cash', '1eef574c-135a-60cc-838c-3fe7b32dd4bc', '1eeeb752-29ac-6afe-837e-51b5bab16bff', 'merger_cash'],
  [
    'merger-stock-incoming',
    '1eeeb553-6996-67b0-840b-7db8946f69ac',
    '1eeeb46e-44c5-6908-a589-b1f74e216120',
    'merger_stock',
  ],
  [
    'merger-stock-outgoing',
    '1eeeb553-6996-67b0-840b-7db8946f69ac',
    '1eeeb46e-44c5-6908-a589-b1f74e216120',
    'merger_stock',
  ],
  [
    'reverse-stock-split',
    '1eeeb620-76a8-60fc-8165-31d1e0794010',
    '1eeeb46e-44c5-6908-a589-b1f74e216120',
    'reverse_stock_split',
  ],
  [
    'spin-off-1tx-incoming-new-asset',
    '1ef18dde-4f34-646a-8b72-a92783b080d4',
    '1ee3dcff-2c3f-62f4-8ac6-2eb81d7f4699',
    'spin_off',
  ],
  [
    'spin-off-2tx-1-outgoing',
    '1ef18dde-4f34-646a-8b72-a92783b080d4',
    '1ee3dcff-2c3f-62f4-8ac6-2eb81d7f4699',
    'spin_off',
  ],
  [
    'spin-off-2tx-2-incoming-same-asset',
    '1ef18dde-4f34-646a-8b72-a92783b080d4',
    '1ee3dcff-2c3f-62f4-8ac6-2eb81d7f4699',
    'spin_off',
  ],
  [
    'spin-off-3tx-1-outgoing',
    '1ef18dde-4f34-646a-8b72-a92783b080d4',
    '1ee3dcff-2c3f-62f4-8ac6-2eb81d7f4699',
    'spin_off',
  ],
  [
    'spin-off-3tx-2-incoming-same-asset',
    '1ef18dde-4f34-646a-8b72-a92783b080d4',
    '1ee3dcff-2c3f-62f4-8ac6-2eb81d7f4699',
    'spin_off',
  ],
  [
    'spin-off-3tx-3-incoming-new-asset',
    '1ef18dde-4f34-646a-8b72-a92783b080d4',
    '1ee3dcff-2c3f-62f4-8ac6-2eb81d7f4699',
    'spin_off',
  ],
  ['stock-split', '1eeeb574-d216-62ba-957f-25368d481edb', '1eeeb46e-44c5-6908-a589-b1f74e216120', 'stock_split'],
];

/** Each movement of a corporate action, alone: booked, and its set settles. */
export const CORPORATE_ACTIONS: readonly Row[] = EXAMPLES.flatMap(([example, action, user, type]) =>
  ['int', 'uuid'].map((ids): Row => {
    const file = `corporate-action.${example}.${ids}-id`;
    return [file, 'corporate-actions', `bitpanda:corporate-action:${action}:${user}`, 'applied', type];
  }),
);

/** Each crypto action, alone. */
export const CRYPTO_ACTIONS: readonly Row[] = [
  [
    'crypto-action.merger-crypto-dust-removal',
    'crypto-actions',
    'bitpanda:crypto-action:c125f2e8-e4b7-4776-a634-0a351ecd1dee',
    'applied',
    'merger_crypto',
  ],
  [
    'crypto-action.merger-crypto-two-transactions',
    'crypto-actions',
    'bitpanda:crypto-action:c125f2e8-e4b7-4776-a634-0a351ecd1dee',
    'applied',
    'merger_crypto',
  ],
];

/** By version: the suffix of its route, and the id of each transaction by its type as the file calls it. */
const VERSIONS: readonly (readonly [version: string, suffix: string, ids: readonly (readonly [string, string])[]])[] = [
  [
    'v1',
    '',
    [
      ['deduction', '4be2b00d-f69c-45d0-9d13-70f60082c68b'],
      ['giveaway', 'a790b35b-1a11-46e5-98be-49dc3dfb9b3f'],
      ['metal-storage-fee', '9a2b5bc2-effc-48ee-99b3-412c04943b90'],
      ['otc-trade', 'b9299c2e-eb39-59a2-a4af-88417cc4e803'],
      ['staking-reward', '1ef17946-33ef-6bca-be62-6b4cda1f924b'],
      ['tax-refund', 'd27e6f16-40ba-4791-97b6-de91fd08b0aa'],
    ],
  ],
  [
    'v2',
    '-v2',
    [
      ['deduction', '4be2b00d-f69c-45d0-9d13-70f60082c68b'],
      ['giveaway', 'a790b35b-1a11-46e5-98be-49dc3dfb9b3f'],
      ['otc-trade', 'b9299c2e-eb39-59a2-a4af-88417cc4e803'],
      ['staking-reward', '1ef17946-33ef-6bca-be62-6b4cda1f924b'],
      ['tax-refund', 'bb8dbece-f727-4f2c-a4b5-04335d83103e'],
    ],
  ],
  [
    'v3',
    '-v3',
    [
      ['deduction', '4be2b00d-f69c-45d0-9d13-70f60082c68b'],
      ['giveaway', 'a790b35b-1a11-46e5-98be-49dc3dfb9b3f'],
      ['otc-trade', 'b9299c2e-eb39-59a2-a4af-88417cc4e803'],
      ['staking-reward', '1ef17946-33ef-6bca-be62-6b4cda1f924b'],
      ['tax-refund', 'bb8dbece-f727-4f2c-a4b5-04335d83103e'],
    ],
  ],
];

/** Each transaction the user did not ask for, alone; the first version of a deduction cannot say what it moves. */
export const TRANSACTIONS: readonly Row[] = VERSIONS.flatMap(([version, suffix, ids]) =>
  ids.map(([type, id]): Row => {
    const file = `non-user-initiated-transaction-${version}.${type}`;
    const event = `non-user-initiated-transactions${suffix}`;
    if (version === 'v1' && type === 'deduction') return [file, event, null, 'parked', null];
    return [file, event, `bitpanda:transaction:${id}`, 'applied', type.replaceAll('-', '_')];
  }),
);

const PAGES = '/operations/page';

/** Paths of the page; ids are percent-encoded. */
export const addresses = {
  overview: '/operations/',
  login: `${PAGES}/login`,
  logout: `${PAGES}/logout`,
  style: `${PAGES}/style.css`,
  flows: `${PAGES}/flows`,
  /** Shows what is about to be done to many flows. */
  manyFlows: `${PAGES}/flows/act`,
  /** Does it. */
  manyFlowsConfirmed: `${PAGES}/flows/act/confirmed`,
  find: `${PAGES}/flow`,
  flow: (workflowId: string) => `${PAGES}/flow/${encodeURIComponent(workflowId)}`,
  actOnFlow: (workflowId: string) => `${PAGES}/flow/${encodeURIComponent(workflowId)}/act`,
  search: `${PAGES}/search`,
  searchFor: (text: string) => `${PAGES}/search?${new URLSearchParams({ q: text }).toString()}`,
  report: `${PAGES}/report`,
  evidence: (workflowId: string) => `${PAGES}/flow/${encodeURIComponent(workflowId)}/evidence`,
  deliveries: `${PAGES}/deliveries`,
  parked: `${PAGES}/deliveries?status=parked`,
  delivery: (id: string) => `${PAGES}/delivery/${encodeURIComponent(id)}`,
  retryDelivery: (id: string) => `${PAGES}/delivery/${encodeURIComponent(id)}/retry`,
  bookDelivery: (id: string) => `${PAGES}/delivery/${encodeURIComponent(id)}/book`,
  messages: `${PAGES}/messages`,
  outbox: `${PAGES}/outbox`,
  deadMessages: `${PAGES}/outbox?state=dead`,
  retryMessage: (id: string) => `${PAGES}/message/${encodeURIComponent(id)}/retry`,
  rejections: `${PAGES}/rejections`,
  breaks: `${PAGES}/breaks`,
  corporateAction: (caId: string) => `${PAGES}/corporate-action/${encodeURIComponent(caId)}`,
  obligations: `${PAGES}/obligations`,
  payObligation: (id: string) => `${PAGES}/obligation/${encodeURIComponent(id)}/paid`,
  audit: `${PAGES}/deeds`,
} as const;

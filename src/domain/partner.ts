/** Name of a partner that reports by webhook, also the first word of every workflow id. The list of modules names them all. */
export type Partner = string;

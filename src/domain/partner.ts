/** Name of a partner that reports by webhook, also the first word of every workflow id. Which there are says the list of modules. */
export type Partner = string;

/** Where bwrap says which process it started. */
export const INFO_FD = 3

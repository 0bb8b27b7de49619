/** Reports how far a long task is. */
export type Progress = (done: number, total: number) => void;

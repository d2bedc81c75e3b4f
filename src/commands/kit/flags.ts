/** Values of flags as commander gives them. */
export type Flag = string | boolean | number | readonly string[] | undefined;
export type Flags = Readonly<Record<string, Flag>>;

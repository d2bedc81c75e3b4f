import type { AttrValue } from '../ir/types.ts';

export type AttrKind = 'int' | 'float' | 'bool' | 'string' | 'ints' | 'floats' | 'strings';

/** The declaration of one attribute. Without a default it must be given, unless it is optional. */
export interface AttrSpec<T extends AttrValue, Optional extends boolean = boolean> {
  readonly kind: AttrKind;
  readonly doc: string;
  readonly default?: T;
  readonly optional: Optional;
  readonly choices?: readonly string[];
}

export type AttrSpecs = Readonly<Record<string, AttrSpec<AttrValue>>>;

/** The values that `infer`, `evaluate` and `work` receive. */
export type AttrsOf<Specs extends AttrSpecs> = {
  readonly [K in keyof Specs as Specs[K] extends AttrSpec<AttrValue, true> ? never : K]: ValueOf<Specs[K]>;
} & {
  readonly [K in keyof Specs as Specs[K] extends AttrSpec<AttrValue, true> ? K : never]?: ValueOf<Specs[K]>;
};
type ValueOf<S> = S extends AttrSpec<infer T> ? T : never;

const make =
  <T extends AttrValue>(kind: AttrKind) =>
  (doc: string, fallback?: T): AttrSpec<T, false> => ({
    kind,
    doc,
    optional: false,
    ...(fallback === undefined ? {} : { default: fallback }),
  });

const makeOptional =
  <T extends AttrValue>(kind: AttrKind) =>
  (doc: string): AttrSpec<T, true> => ({ kind, doc, optional: true });

export const int = make<number>('int');
export const float = make<number>('float');
export const flag = make<boolean>('bool');
export const ints = make<readonly number[]>('ints');
export const floats = make<readonly number[]>('floats');
export const strings = make<readonly string[]>('strings');
export const str = make<string>('string');

export const optionalInt = makeOptional<number>('int');
export const optionalFloat = makeOptional<number>('float');
export const optionalInts = makeOptional<readonly number[]>('ints');
export const optionalFloats = makeOptional<readonly number[]>('floats');
export const optionalStr = makeOptional<string>('string');
export const optionalStrings = makeOptional<readonly string[]>('strings');

/** One of a few words. */
export function choice<const T extends string>(doc: string, choices: readonly T[], fallback?: T): AttrSpec<T, false> {
  return { kind: 'string', doc, optional: false, choices, ...(fallback === undefined ? {} : { default: fallback }) };
}

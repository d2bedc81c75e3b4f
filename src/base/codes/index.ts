import type { CodePage } from './page.ts';
import { hardwareCodes } from './hardware.ts';
import { internalCodes } from './internal.ts';
import { loweringCodes } from './lowering.ts';
import { modelCodes } from './model.ts';
import { fileCodes } from './files.ts';
import { scheduleCodes } from './schedule.ts';
import { usageCodes } from './usage.ts';

export type { CodePage } from './page.ts';

const all = {
  ...modelCodes,
  ...hardwareCodes,
  ...loweringCodes,
  ...scheduleCodes,
  ...fileCodes,
  ...usageCodes,
  ...internalCodes,
} satisfies Record<string, CodePage>;

/** Every code that netloom can print. */
export type Code = keyof typeof all;

export const codePages: Readonly<Record<Code, CodePage>> = all;

export const isCode = (text: string): text is Code => Object.hasOwn(all, text);

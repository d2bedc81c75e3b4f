import { show } from '../src/base/units.ts';

/** What a column holds; decides how a person reads it. Machines get the plain value in the unit of the name. */
export type ColumnKind =
  'text' | 'name' | 'whole' | 'count' | 'bytes' | 'seconds' | 'joules' | 'share' | 'ratio' | 'plain';

export interface Column {
  /** Heading for people. */
  readonly title: string;
  /** Name for machines; ends in the unit. */
  readonly key: string;
  readonly kind: ColumnKind;
  /** Left out on a terminal that is too narrow for all columns, the lowest first; always kept when absent. */
  readonly spare?: number;
}

export type Cell = string | number | null;

/** A report as data: renderers turn it into text, CSV, Markdown or HTML. */
export interface Table {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Said below the table. */
  readonly notes?: readonly string[];
}

export const column = (title: string, key: string, kind: ColumnKind): Column => ({ title, key, kind });

/** A column that a narrow terminal may leave out. */
export const spareColumn = (spare: number, title: string, key: string, kind: ColumnKind): Column => ({
  title,
  key,
  kind,
  spare,
});

export const isNumeric = (kind: ColumnKind): boolean => kind !== 'text' && kind !== 'name';

/** A cell as people read it, with its unit; '-' where nothing is known or means anything. */
export function showCell(cell: Cell, kind: ColumnKind): string {
  if (cell === null) return '-';
  if (typeof cell === 'string') return cell;
  switch (kind) {
    case 'whole':
      return show.whole(cell);
    case 'count':
      return cell === 0 ? '0' : show.count(cell);
    case 'bytes':
      return show.bytes(cell);
    case 'seconds':
      return cell === 0 ? '0' : show.seconds(cell);
    case 'joules':
      return cell === 0 ? '0' : show.joules(cell);
    case 'share':
      return show.percent(cell, 3);
    case 'ratio':
      return `${show.plain(cell, 3)}x`;
    default:
      return show.plain(cell, 4);
  }
}

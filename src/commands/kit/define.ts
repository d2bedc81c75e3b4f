import type { Flags } from './flags.ts';
import type { Command } from 'commander';
import { isNetloomError } from '../../base/diagnostics.ts';
import { writeWhole } from '../../files/write.ts';
import type { Io } from './io.ts';
import { Session } from './session.ts';
import { resolveSettings, withSharedFlags } from './settings.ts';

export interface CommandSpec {
  /** Schema name of its --json document. */
  readonly schema: string;
  readonly description: string;
  /** As commander spells them: `<model>`, `[paths...]`. */
  readonly arguments?: readonly (readonly [name: string, doc: string])[];
  readonly flags?: readonly (readonly [flags: string, doc: string])[];
  readonly examples: readonly string[];
  readonly run: (session: Session, args: readonly string[], flags: Flags) => Promise<number> | number;
}

/** Turns a spec into a commander command with shared flags, settings, --print-config, --save and error handling. */
export function defineCommand(spec: CommandSpec): (command: Command, io: Io, finish: (code: number) => void) => void {
  return (command, io, finish) => {
    command
      .description(spec.description)
      .addHelpText('after', `\nexamples:\n${spec.examples.map((e) => `  ${e}`).join('\n')}\n`);
    for (const [name, doc] of spec.arguments ?? []) command.argument(name, doc);
    for (const [flags, doc] of spec.flags ?? []) command.option(flags, doc);
    withSharedFlags(command);
    command.action(async (...given: unknown[]) => {
      const flags = command.opts();
      const args = given
        .slice(0, -2)
        .flat()
        .filter((a): a is string => typeof a === 'string');
      const { settings, origins } = resolveSettings(flags, io);
      if (flags.printConfig) {
        io.out(
          `${JSON.stringify(Object.fromEntries(Object.entries(origins).map(([key, from]) => [key, { value: settings[key as keyof typeof settings] ?? null, from }])), null, 2)}\n`,
        );
        return finish(0);
      }
      const session = new Session(io, settings, spec.schema);
      try {
        finish(await spec.run(session, args, flags));
      } catch (e) {
        if (!isNetloomError(e)) throw e;
        finish(session.fail(e));
      }
    });
  };
}

/** Writes the canonical document where --save asks for it. */
export function save(session: Session, data: unknown, ok = true): void {
  if (session.settings.save)
    writeWhole(session.settings.save, `${JSON.stringify(session.envelope(data, ok), null, 2)}\n`);
}

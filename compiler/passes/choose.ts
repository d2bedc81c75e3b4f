import { fail } from '../../src/base/diagnostics.ts';
import { didYouMean } from '../../src/base/suggest.ts';
import type { Pass } from '../ir/rewrite.ts';
import { builtinPasses, passNamed, pipelines } from './pipeline.ts';

/**
 * The passes that `--pass name` and `--pipeline name` ask for, in the order given.
 * @throws NetloomError NL1032 for a name that no pass or pipeline has
 */
export function passesFor(options: readonly string[]): readonly Pass[] {
  const passes: Pass[] = [];
  for (let i = 0; i < options.length; i++) {
    const name = options[i + 1] ?? '';
    if (options[i] === '--pass')
      passes.push(
        passNamed(name) ??
          unknown(
            'pass',
            name,
            builtinPasses.map((p) => p.name),
          ),
      );
    else if (options[i] === '--pipeline')
      passes.push(...(pipelines[name] ?? unknown('pipeline', name, Object.keys(pipelines))));
    else continue;
    i++;
  }
  return passes;
}

const unknown = (what: string, name: string, known: readonly string[]): never =>
  fail('NL1032', {
    message: `there is no ${what} "${name}"`,
    cause: `the names are ${known.join(', ')}`,
    fix: didYouMean(name, known).trim() || `use one of these names`,
  });

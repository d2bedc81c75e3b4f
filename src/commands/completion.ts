import { presetNames } from '../netloom.ts';
import { precisionNames } from '../../compiler/schedule/precision.ts';
import { defineCommand } from './kit/define.ts';
import { sharedSettings } from './kit/settings.ts';
import { usage } from './kit/session.ts';
import { commands } from './index.ts';

const flags = (): string[] => [
  ...sharedSettings.map((s) => s.flags.split(' ').find((f) => f.startsWith('--'))!),
  '--json',
  '--help',
  '--top',
  '--html',
];

/** Presets and precisions complete after their flags; commands first; files elsewhere. */
const scripts: Readonly<Record<string, () => string>> = {
  bash: () => `_netloom() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  case "$prev" in
    --on|--from) COMPREPLY=($(compgen -W "${presetNames.join(' ')}" -- "$cur")); return ;;
    --precision) COMPREPLY=($(compgen -W "${precisionNames.join(' ')}" -- "$cur")); return ;;
    --format) COMPREPLY=($(compgen -W "table json csv md" -- "$cur")); return ;;
    hw) COMPREPLY=($(compgen -W "list show validate new diff schema" -- "$cur")); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${commands.map((c) => c.name).join(' ')}" -- "$cur"))
  elif [[ "$cur" == -* ]]; then COMPREPLY=($(compgen -W "${flags().join(' ')}" -- "$cur"))
  else COMPREPLY=($(compgen -f -- "$cur")); fi
}
complete -o filenames -F _netloom netloom
`,
  zsh: () => `#compdef netloom
_netloom() {
  case "\${words[CURRENT-1]}" in
    --on|--from) compadd ${presetNames.join(' ')}; return ;;
    --precision) compadd ${precisionNames.join(' ')}; return ;;
    --format) compadd table json csv md; return ;;
    hw) compadd list show validate new diff schema; return ;;
  esac
  if (( CURRENT == 2 )); then compadd ${commands.map((c) => c.name).join(' ')}
  elif [[ "\${words[CURRENT]}" == -* ]]; then compadd -- ${flags().join(' ')}
  else _files; fi
}
compdef _netloom netloom
`,
  fish: () =>
    [
      ...commands.map(
        (c) => `complete -c netloom -n __fish_use_subcommand -a ${c.name} -d '${c.summary.replace(/'/g, "\\'")}'`,
      ),
      `complete -c netloom -l on -x -a '${presetNames.join(' ')}'`,
      `complete -c netloom -l precision -x -a '${precisionNames.join(' ')}'`,
      `complete -c netloom -l format -x -a 'table json csv md'`,
      `complete -c netloom -n '__fish_seen_subcommand_from hw' -a 'list show validate new diff schema'`,
      ...flags().map((f) => `complete -c netloom -l ${f.slice(2)}`),
      '',
    ].join('\n'),
  pwsh: () => `Register-ArgumentCompleter -Native -CommandName netloom -ScriptBlock {
  param($word, $ast, $cursor)
  $words = $ast.CommandElements | ForEach-Object { $_.ToString() }
  $previous = if ($word) { $words[-2] } else { $words[-1] }
  $list = switch ($previous) {
    { $_ -in '--on', '--from' } { '${presetNames.join("','")}' -split "','" }
    '--precision' { '${precisionNames.join("','")}' -split "','" }
    'hw' { 'list','show','validate','new','diff','schema' }
    default { if ($words.Count -le 2 -and -not $word.StartsWith('-')) { '${commands.map((c) => c.name).join("','")}' -split "','" } else { '${flags().join("','")}' -split "','" } }
  }
  $list | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`,
};

export const define = defineCommand({
  schema: 'netloom/completion@1',
  description: 'Prints a completion script for bash, zsh, fish or pwsh.',
  arguments: [['<shell>', 'bash, zsh, fish or pwsh']],
  examples: [
    'netloom completion bash > /etc/bash_completion.d/netloom',
    'netloom completion zsh > _netloom',
    'netloom completion fish | source',
  ],
  run: (session, [shell]) => {
    const script = Object.hasOwn(scripts, shell!) ? scripts[shell!] : undefined;
    if (!script)
      throw usage(
        `there is no script for "${shell!.slice(0, 40)}"`,
        `shells are ${Object.keys(scripts).join(', ')}`,
        'netloom completion bash',
      );
    session.print(script());
    return 0;
  },
});

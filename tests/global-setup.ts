import { execFileSync } from 'node:child_process';

/** Generated modules (presets, validators, kernels) are made before the first test imports them. */
export default function setup(): void {
  execFileSync('npm', ['run', '--silent', 'generate'], { stdio: 'inherit' });
}

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/core/package-root.ts'

const examples = join(packageRoot, 'examples')
const declarations = () =>
  readdirSync(examples, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.d.sv.ts'))
    .sort()
    .map((name) => [name, readFileSync(join(examples, name), 'utf8')])

it('has examples that pass, with coverage of their Verilog and current declarations', () => {
  const before = declarations()
  const report = mkdtempSync(join(tmpdir(), 'gemgate-examples-'))
  try {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [
        ...[
          join(packageRoot, 'node_modules/vitest/vitest.mjs'),
          'run',
          '--config',
          'examples/vitest.config.ts',
        ],
        ...['--coverage', '--coverage.reporter=json', `--coverage.reportsDirectory=${report}`],
      ],
      {
        cwd: packageRoot,
        encoding: 'utf8',
        // without Verilator: its build takes longer than all the rest
        env: {
          ...process.env,
          PATH: dirname(process.execPath),
          VITEST: undefined,
          VITEST_WORKER_ID: undefined,
          CI: '',
        },
      },
    )
    expect(status, stdout + stderr).toBe(0)
    const covered = JSON.parse(readFileSync(join(report, 'coverage-final.json'), 'utf8'))
    for (const name of ['01-counter/counter.sv', '03-proof/round_robin.sv']) {
      const file = covered[join(examples, name)]
      expect(Object.values(file.s), name).not.toContain(0)
    }
  } finally {
    rmSync(report, { recursive: true })
  }
  expect(before).toHaveLength(2)
  expect(declarations()).toEqual(before)
})

it('starts with an example of less than 15 lines', () => {
  const text = readFileSync(join(examples, '01-counter/counter.test.ts'), 'utf8')
  expect(text.trimEnd().split('\n').length).toBeLessThan(15)
})

it('has examples that TypeScript accepts', () => {
  const compiler = join(packageRoot, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', 'examples'], {
    cwd: packageRoot,
    encoding: 'utf8',
  })
  expect(stdout.split('\n').filter((line) => line.startsWith('examples'))).toEqual([])
})

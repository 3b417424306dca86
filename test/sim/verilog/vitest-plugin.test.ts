import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packageRoot } from '../../../src/core/package-root.ts'

const plugin = join(packageRoot, 'sim/verilog/vitest')
const alias = { 'gemgate/sim': join(packageRoot, 'sim/verilog/index.ts') }
const counter = `module counter #(parameter int WIDTH = 8, parameter NAME = "c") (
    input  wire clk,
    input  wire signed [3:0] step,  // added in each cycle
    input  wire [39:0] wide,
    output logic [WIDTH-1:0] q,
    output wire [39:0] same
);
  \`include "limit.svh"
  always_ff @(posedge clk)
    if (q == \`LIMIT) q <= 0;
    else q <= q + WIDTH'(step);
  half h (.a(wide), .y(same));
endmodule
`
const files: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  'counter.sv': counter,
  'half.sv':
    "module half (input wire [39:0] a, output wire [39:0] y);\n  assign y = a ? a : 40'd1;\nendmodule\n",
  'limit.svh': '`define LIMIT 100\n',
  'vitest.config.ts': `import { defineConfig } from 'vitest/config'
import { verilog } from '${plugin}/plugin.ts'
export default defineConfig({
  plugins: [verilog()],
  resolve: { alias: ${JSON.stringify(alias)} },
  test: {
    coverage: {
      enabled: true,
      provider: 'custom',
      customProviderModule: '${plugin}/coverage-provider.ts',
      reporter: ['json'],
    },
  },
})
`,
  'counter.test.ts': `import { expect, it } from 'vitest'
import Counter from './counter.sv'
import { limit } from './limit.ts'
it('counts', async () => {
  const dut = await Counter.simulate({ parameters: { WIDTH: 7 } })
  dut.in.step = -1
  dut.in.wide = 2n ** 33n
  await dut.clock(3)
  const same: bigint = dut.out.same
  expect([dut.out.q, same]).toEqual([limit(125), 2n ** 33n])
})
`,
  'limit.ts': 'export function limit(n: number): number {\n  return n > 1000 ? 0 : n\n}\n',
  'tsconfig.json': JSON.stringify({
    extends: join(packageRoot, 'tsconfig.json'),
    compilerOptions: {
      allowArbitraryExtensions: true,
      allowImportingTsExtensions: true,
      noEmit: true,
      types: ['node'],
      rootDir: '/',
      paths: { 'gemgate/sim': [alias['gemgate/sim']] },
    },
    include: [],
    files: ['counter.test.ts'],
  }),
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-plugin-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  mkdirSync(join(folder, 'node_modules'))
  for (const name of ['vitest', 'vite', '@vitest', '@types'])
    symlinkSync(join(packageRoot, 'node_modules', name), join(folder, 'node_modules', name))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A vitest in watch mode; each call of `until` waits for the end of the next run. */
class Watch {
  readonly #child = spawn(process.execPath, [join(packageRoot, 'node_modules/vitest/vitest.mjs'), 'watch'], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', VITEST: undefined, VITEST_WORKER_ID: undefined, CI: '' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  #text = ''

  constructor() {
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.on('data', (data) => {
        this.#text += data
      })
  }

  async run(): Promise<string> {
    for (let i = 0; i < 600; i++) {
      const end = /press q to quit\n/.exec(this.#text)
      if (end || this.#child.exitCode !== null) {
        const at = end ? end.index + end[0].length : this.#text.length
        const run = this.#text.slice(0, at)
        this.#text = this.#text.slice(at)
        return run
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error(`no end of the run: ${this.#text}`)
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.on('close', resolve))
    this.#child.kill()
    await closed
  }
}

/** What the compiler of TypeScript says of the fixture. */
function typeErrors(): string[] {
  const compiler = join(packageRoot, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder], { cwd: folder, encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line.startsWith('counter'))
}

it('imports Verilog, typed, covered, and runs again when a file of it changes', async () => {
  const watch = new Watch()
  try {
    expect(await watch.run()).toContain('1 passed')
    const covered = JSON.parse(readFileSync(join(folder, 'coverage/coverage-final.json'), 'utf8'))
    const of = (name: string) => covered[join(folder, name)]
    expect(Object.keys(covered).sort()).toEqual(
      ['counter.sv', 'half.sv', 'limit.ts'].map((name) => join(folder, name)),
    )
    expect(of('counter.sv').b).toEqual({ 0: [0, 3] })
    expect(of('counter.sv').s).toEqual({ 0: 0, 1: 3 })
    expect(of('half.sv').b).toEqual({ 0: [3, 0] })

    const declaration = join(folder, 'counter.d.sv.ts')
    expect(readFileSync(declaration, 'utf8')).toMatchInlineSnapshot(`
      "// Written by gemgate from counter.sv; it changes with it.
      import type { VerilogModule } from 'gemgate/sim'

      export interface Inputs {
        /** input, 1 bit */
        clk: number
        /** input, 4 bits, signed: added in each cycle */
        step: number
        /** input, 40 bits */
        get wide(): bigint
        set wide(value: number | bigint)
      }

      export interface Outputs {
        /** output, 8 bits [WIDTH-1:0] */
        q: number
        /** output, 40 bits */
        same: bigint
      }

      export interface Parameters {
        /** default 8 */
        WIDTH: number
        /** default "c" */
        NAME: string
      }

      export interface Ports {
        in: Inputs
        out: Outputs
      }

      /** The module counter. */
      declare const module: VerilogModule<Ports, Parameters>
      export default module
      "
    `)
    const written = statSync(declaration).mtimeMs

    writeFileSync(join(folder, 'limit.svh'), '`define LIMIT 127\n')
    expect(await watch.run()).toContain('expected [ 127')
    expect(statSync(declaration).mtimeMs).toBe(written)

    writeFileSync(
      join(folder, 'half.sv'),
      'module half (input wire [39:0] a, output wire [39:0] y);\n  assign y = = a;\nendmodule\n',
    )
    const broken = await watch.run()
    expect(broken).toContain('GG_VERILOG_PARSE')
    expect(broken).toContain('half.sv:2')
    expect(broken).toContain('> 2 |   assign y = = a;')

    writeFileSync(join(folder, 'limit.svh'), files['limit.svh']!)
    writeFileSync(join(folder, 'half.sv'), files['half.sv']!)
    expect(await watch.run()).toContain('1 passed')
  } finally {
    await watch.close()
  }
  expect(typeErrors()).toEqual([])
  const test = files['counter.test.ts']!
  const wrong = test.replace('dut.in.step', 'dut.in.stride').replace('WIDTH: 7', 'WIDTH: true')
  writeFileSync(join(folder, 'counter.test.ts'), wrong)
  expect(typeErrors()).toHaveLength(2)
})

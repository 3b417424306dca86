import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { gemgate } from '../support/gemgate.ts'

const files: Readonly<Record<string, string>> = {
  'counter.sv': `module counter #(parameter int WIDTH = 4) (
    input  wire clk, input wire rst_n, input wire signed [3:0] step,
    output logic [WIDTH-1:0] q
);
  always_ff @(posedge clk)
    if (!rst_n) q <= 0;
    else q <= q + WIDTH'(step);
  always_ff @(posedge clk) if (q == 9) $display("nine");
endmodule
`,
  'two.sv': `module two (input wire clk, input wire rst_n, input wire [3:0] step, output wire [6:0] q);
  counter #(.WIDTH(7)) c (.*);
  always_ff @(posedge clk) if (step == 5) assert (q < 50);
endmodule
`,
  'broken.sv': 'module broken (input wire a;\nendmodule\n',
  'empty.sv': '// nothing\n',
  'latch.sv': 'module latch (input wire en, d, output logic q); always_latch if (en) q = d; endmodule\n',
  'tops.sv': 'module one (input wire a); endmodule\nmodule other (input wire a); endmodule\n',
  'clocks.sv':
    'module clocks (input wire a, b, output logic x, y);\nalways_ff @(posedge a) x <= 1;\nalways_ff @(posedge b) y <= x;\nendmodule\n',
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gemgate-sim-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const sim = (...args: string[]) => gemgate(folder, 'sim', ...args)

it('shows a module, its run, its waveform and what was covered', async () => {
  const run =
    '--parameter WIDTH=9 --set step=-2 --set rst_n=1 --cycles 3 --vcd w.vcd --coverage c.info'.split(' ')
  const { code, stdout } = await sim('counter.sv', ...run)
  expect(code).toBe(0)
  expect(stdout).toContain('counter: compiled in')
  expect(stdout).toMatch(/input +clk +1 bit, clock\n/)
  expect(stdout).toMatch(/input +step +4 bits, signed\n/)
  expect(stdout).toContain('after 3 cycles: q=506\n')
  expect(stdout).toContain('lines that did not run: 6, 8')
  expect(await readFile(join(folder, 'c.info'), 'utf8')).toContain('BRDA:6,0,1,3\n')
  expect(await readFile(join(folder, 'w.vcd'), 'utf8')).toMatch(/\$var \w+ 9 \S+ q/)
})

it('says it all in one JSON document, a failing assertion too', async () => {
  const { code, stdout } = await sim('two.sv', '--set', 'step=5', '--set', 'rst_n=1', '--json')
  expect(code).toBe(1)
  const document = JSON.parse(stdout)
  expect(document).toMatchObject({ top: 'two', clock: 'clk', engine: 'wasm', memories: [], registerBits: 7 })
  expect(document.ports.find(({ name }: { name: string }) => name === 'q')).toEqual({
    name: 'q',
    direction: 'output',
    width: 7,
    signed: false,
    clock: false,
  })
  expect(document.run).toMatchObject({ failure: { code: 'GG_ASSERTION', line: 3 }, printed: '' })
  expect(document.run.cycles).toBeLessThan(20)
})

it('gives the same run for the same seed', async () => {
  const run = async (seed: string) => {
    const { stdout, code } = await sim('counter.sv', '--random', seed, '--cycles', '100', '--json')
    expect(code).toBe(0)
    return JSON.parse(stdout).run
  }
  const [first, again, other] = await Promise.all(['3', '3', '4'].map(run))
  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
  expect(first.printed).toContain('nine')
})

it('runs what has several clocks, or none', async () => {
  const latch = await sim('latch.sv', '--set', 'en=1', '--set', 'd=1', '--cycles', '2')
  expect(latch.stdout).toContain('after 2 cycles: q=1\n')
  const { stdout } = await sim('clocks.sv', '--cycles', '7')
  expect(stdout).toContain('after 7 cycles: x=1 y=1\n')
})

it('writes declarations, and only those that change', async () => {
  const first = await sim('--types', 'counter.sv', 'two.sv')
  expect(first.stdout).toContain('counter.d.sv.ts: module counter\n')
  const path = join(folder, 'two.d.sv.ts')
  expect(await readFile(path, 'utf8')).toContain('step: number')
  const { mtimeMs } = await stat(path)
  const again = JSON.parse((await sim('--types', 'counter.sv', 'two.sv', '--json')).stdout)
  expect(again.declarations.map(({ changed }: { changed: boolean }) => changed)).toEqual([false, false])
  expect((await stat(path)).mtimeMs).toBe(mtimeMs)
})

it.each([
  [1, 'GG_VERILOG_PARSE', ['broken.sv']],
  [1, 'GG_VERILOG_PARSE', ['--types', 'broken.sv']],
  [1, 'GG_FILE_NOT_FOUND', ['nothing.sv']],
  [1, 'GG_PORT', ['counter.sv', '--set', 'nothing=1']],
  [1, 'GG_PORT', ['counter.sv', '--set', 'step=99']],
  [2, 'GG_USAGE', ['counter.sv', '--set', 'step=x']],
  [1, 'GG_VERILOG_PARSE', ['empty.sv']],
  [2, 'GG_USAGE', ['tops.sv']],
  [2, 'GG_USAGE', ['counter.sv', '--set', 'clk=1']],
  [2, 'GG_USAGE', ['counter.sv', '--against', 'verilator', '--vcd', 'x.vcd']],
  [1, 'GG_OUTPUT', ['counter.sv', '--coverage', 'empty.sv/x.info']],
  [2, 'GG_USAGE', ['counter.sv', '--cycles', '-1']],
  [2, 'GG_USAGE', ['counter.sv', '--engine', 'verilator', '--coverage']],
])('ends with %i and %s for %j', async (expected, error, args) => {
  const { code, stdout, stderr } = await sim(...args, '--json')
  expect([code, JSON.parse(stdout).error.code]).toEqual([expected, error])
  expect(stderr).toContain(error)
})

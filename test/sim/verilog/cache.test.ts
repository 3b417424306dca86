import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { cacheKey, yosysVersion } from '../../../sim/verilog/cache.ts'
import { compileVerilog, Simulation, type VerilogOptions } from '../../../sim/verilog/index.ts'

const counter = `
module counter #(parameter STEP = 1) (input clk, output reg [7:0] q);
  reg [31:0] m [0:3];
  initial begin q = 5; m[2] = 32'hdeadbeef; end
  always @(posedge clk) q <= q + STEP;
endmodule`

describe('the compile cache', () => {
  let folder: string
  let source: string
  const cache = () => join(folder, 'cache')
  const compile = (options: Omit<VerilogOptions, 'engine'> = {}) =>
    compileVerilog(source, { cache: cache(), ...options })
  const afterOneClock = (design: Awaited<ReturnType<typeof compile>>) => {
    const simulation = new Simulation(design)
    simulation.step()
    return simulation.get('q')
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gemgate-cache-'))
    source = join(folder, 'counter.sv')
    writeFileSync(source, counter)
  })
  afterEach(() => {
    vi.doUnmock('@yowasp/yosys')
    rmSync(folder, { recursive: true })
  })

  it('a warm start needs no Yosys and gives the same design', async () => {
    const cold = await compile()
    expect(cold.cached).toBe(false)
    vi.doMock('@yowasp/yosys', () => {
      throw new Error('Yosys was loaded')
    })
    vi.resetModules()
    const fresh = await import('../../../sim/verilog/index.ts')
    const warm = await fresh.compileVerilog(source, { cache: cache() })
    expect(warm.cached).toBe(true)
    expect(warm.wasm).toEqual(cold.wasm)
    expect([warm.ports, warm.probes, warm.memories, warm.image]).toEqual([
      cold.ports,
      cold.probes,
      cold.memories,
      cold.image,
    ])
    expect(afterOneClock(warm)).toBe(6)
  })

  it('sources, options and included files decide the entry', async () => {
    await compile()
    expect((await compile()).cached).toBe(true)
    const other = await compile({ top: 'counter', parameters: { STEP: 3 } })
    expect(other.cached).toBe(false)
    expect(afterOneClock(other)).toBe(8)
    writeFileSync(join(folder, 'step.vh'), '`define STEP 2')
    writeFileSync(source, `\`include "step.vh"\n${counter.replace('+ STEP', '+ `STEP')}`)
    expect(afterOneClock(await compile())).toBe(7)
    writeFileSync(join(folder, 'step.vh'), '`define STEP 9')
    const changed = await compile()
    expect(changed.cached).toBe(false)
    expect(afterOneClock(changed)).toBe(14)
  })

  it('a damaged entry counts as absent and is replaced', async () => {
    await compile()
    const [name] = readdirSync(cache())
    const entry = join(cache(), name!)
    const good = readFileSync(entry)
    for (const at of [0, 20, 60, Math.floor(good.length / 2), good.length - 1]) {
      const bad = Buffer.from(good)
      bad[at]! ^= 0x10
      writeFileSync(entry, bad)
      const design = await compile()
      expect(design.cached, `byte ${at}`).toBe(false)
      expect(afterOneClock(design)).toBe(6)
      expect(readFileSync(entry)).toEqual(good)
    }
    writeFileSync(entry, good.subarray(0, 40))
    expect((await compile()).cached).toBe(false)
    expect((await compile()).cached).toBe(true)
  })

  it('a folder that cannot be written is an error, if it was asked for', async () => {
    const error = await compileVerilog(source, { cache: join(source, 'x') }).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ code: 'GG_CACHE' })
  })

  it('the type of a parameter is part of the key', async () => {
    const values = [1, '1', 1n, '1n', -1, 0.1, Number.NaN, 'NaN', null, true, 'true']
    const keys = values.map((STEP) => cacheKey([['counter.sv'], { parameters: { STEP } }]))
    expect(new Set(keys).size).toBe(values.length)
    const number = await compile({ parameters: { STEP: 1n } })
    const text = await compile({ parameters: { STEP: '1n' } })
    expect([number.cached, text.cached]).toEqual([false, false])
    expect([number, text].map(afterOneClock)).toEqual([6, (5 + 'n'.charCodeAt(0)) & 255])
    expect((await compile({ top: 'counter', parameters: { STEP: 1n } })).cached).toBe(true)
  })

  it('processes that compile one design at the same time leave one whole entry', async () => {
    const script = join(import.meta.dirname, 'cache-process.ts')
    const run = () =>
      new Promise<string>((resolve, reject) => {
        const child = spawn(
          process.execPath,
          ['--import', import.meta.resolve('tsx'), script, source, cache()],
          { stdio: ['ignore', 'pipe', 'inherit'] },
        )
        let output = ''
        child.stdout.on('data', (data) => (output += data))
        child.on('error', reject)
        child.on('close', () => resolve(output))
      })
    expect(await Promise.all([run(), run()])).toEqual(['6 200 200', '6 200 200'])
    expect(readdirSync(cache())).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}\.design$/),
      expect.stringMatching(/^shared\.design$/),
    ])
    const design = await compile()
    expect(design.cached).toBe(true)
    expect(afterOneClock(design)).toBe(6)
  })

  it('knows the installed version of Yosys', () => {
    const bundle = createRequire(import.meta.url).resolve('@yowasp/yosys')
    const manifest = JSON.parse(readFileSync(join(dirname(dirname(bundle)), 'package.json'), 'utf8')) as {
      version: string
    }
    expect(manifest.version).toBe(yosysVersion)
  })
})

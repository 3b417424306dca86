import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { designForWorker, type EngineDesign, Simulation } from '../../../../sim/verilog/index.ts'
import { compiled } from '../../../support/compiled.ts'
import { start } from './start.ts'

interface Answer {
  readonly data: Uint32Array
  readonly cycles: number
}

describe('one design', () => {
  it('runs in several worker threads at once, with the same results', async () => {
    const dut = await start('hdl/trigger/skid_buffer.sv')
    const design = designForWorker(dut.simulation.design)
    const script = compiled('test/sim/verilog/bench/worker.ts')
    const run = (seed: number) =>
      new Promise<Answer>((resolve, reject) => {
        const worker = new Worker(script, { workerData: { design, seed } })
        worker.once('message', resolve)
        worker.once('error', reject)
      })
    const answers = await Promise.all([run(1), run(2), run(1)])
    await dut.applyReset()
    const items = Uint8Array.from({ length: 5000 }, (_, i) => i * 3)
    for (const [i, seed] of [1, 2, 1].entries()) {
      const { data, cycles } = dut.stream({ source: 's', sink: 'm', items, stall: 0.4, seed })
      expect(answers[i]).toEqual({ data, cycles })
    }
    expect(answers[0]!.cycles).not.toBe(answers[1]!.cycles)
  })

  it('has as many instances as wanted, each with its own state', async () => {
    const { simulation } = await start('ports.sv')
    const many = Array.from({ length: 20 }, () => new Simulation(simulation.design))
    for (const [i, one] of many.entries()) {
      one.set('rst_n', 1)
      one.step(i)
    }
    expect(many.map((one) => one.get('count'))).toEqual(many.map((_, i) => i))
  })

  it('of another engine must be compiled by the worker', () => {
    const design = { engine: 'verilator' } as EngineDesign
    expect(() => designForWorker(design)).toThrow(expect.objectContaining({ code: 'GG_USAGE' }))
  })
})

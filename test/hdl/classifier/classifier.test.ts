import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { runYosys } from '@yowasp/yosys'
import { beforeAll, describe, expect, it } from 'vitest'
import { recoilHardware } from '../../../models/recoil-hardware.ts'
import { verilogFiles } from '../../../sim/board/core-sources.ts'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { packBeats } from '../../../src/network/hardware/stream-packing.ts'
import { type CompiledNetwork, evaluateGraph } from '../../../src/network/index.ts'
import { randomInputs, recoilSpec } from '../../network/random-network.ts'
import { root } from '../../support/hdl-files.ts'
import { runIcarus } from '../../support/icarus.ts'
import { icarus } from '../native/native-core.ts'

const files = [...verilogFiles(`${root}hdl/classifier`), ...verilogFiles(`${root}hdl/network`)]

let compiled: CompiledNetwork
let dut: Dut
beforeAll(async () => {
  compiled = await recoilHardware(readFileSync(`${root}models/recoil-mlp.onnx`))
  dut = await simulate(files, { top: 'recoil_mlp' })
})

/** Sends words and takes as many. */
const stream = (items: readonly bigint[], stall = 0) =>
  dut.stream({ source: 's_axis', items, sink: 'm_axis', count: items.length, stall, patience: 200_000 })

/** Stream words of random features and of the scores that the specification gives for them. */
function words(rows: number, seed: number): [bigint[], bigint[]] {
  const { graph, module } = compiled
  const x = randomInputs(recoilSpec(1), rows, seed)
  const vectors = Array.from({ length: rows }, (_, row) => x.subarray(9 * row, 9 * row + 9))
  const scores = vectors.map((vector) => evaluateGraph(graph, [vector])[0]!)
  return [
    vectors.flatMap((vector) => packBeats(module.input, [9], vector)),
    scores.flatMap((vector) => packBeats(module.output, [3], vector)),
  ]
}

describe('the committed classifier as WebAssembly', () => {
  it('has the 9 int8 features and 3 int16 scores of the datapath, one beat each', () => {
    const { input, output } = compiled.module
    expect(input).toEqual({ beats: 1, lanes: 9, bits: 8, signed: true })
    expect(output).toEqual({ beats: 1, lanes: 3, bits: 16, signed: true })
  })

  it.each([0, 0.25, 0.8])('equals evaluateGraph on 1000 vectors, paused %d of the time', async (stall) => {
    await dut.applyReset()
    const [inputs, outputs] = words(1000, 256 * stall)
    expect([...stream(inputs, stall).data]).toEqual(outputs)
  })

  it('needs the clocks that its header states, each vector alone', async () => {
    await dut.applyReset()
    const [inputs, outputs] = words(20, 7)
    inputs.forEach((input, k) => {
      const { data, times, sources } = stream([input])
      expect([...data]).toEqual([outputs[k]])
      expect(times[0]! - sources[0]!.times[0]!).toBe(compiled.module.latency)
    })
    const header = readFileSync(`${root}hdl/classifier/recoil_mlp.sv`, 'utf8')
    expect(header).toContain(`Latency ${compiled.module.latency} clocks`)
  })

  it('forgets a vector at any clock of a reset, and computes the next one right', async () => {
    const [inputs, outputs] = words(2, 9)
    await dut.applyReset()
    for (let clocks = 0; clocks < compiled.module.latency + 10; clocks++) {
      Object.assign(dut.in, { s_axis_tdata: inputs[0]!, s_axis_tvalid: 1, m_axis_tready: 0 })
      await dut.clock(clocks)
      dut.in.s_axis_tvalid = 0
      await dut.applyReset()
      expect(dut.out.m_axis_tvalid).toBe(0)
      expect([...stream([inputs[1]!]).data], `reset after ${clocks} clocks`).toEqual([outputs[1]])
    }
  })
})

const sources = (): Record<string, string> =>
  Object.fromEntries(files.map((file) => [basename(file), readFileSync(file, 'utf8')]))

describe.skipIf(icarus.skip)(`the committed classifier in Icarus Verilog${icarus.note}`, () => {
  it.each([0, 128])('equals evaluateGraph, whatever stands on idle inputs, paused %i of 256', (stall) => {
    const { module } = compiled
    const [inputs, outputs] = words(200, stall)
    const hex = (word: bigint, bits: number): string => word.toString(16).padStart(Math.ceil(bits / 4), '0')
    const widths = [module.input.lanes * module.input.bits, module.output.lanes * module.output.bits] as const
    const vectors = inputs.map((word) => hex(word, widths[0]))
    const run = runIcarus(sources(), 'recoil_mlp', widths, vectors, stall)
    expect(run.outputs).toEqual(outputs.map((word) => hex(word, widths[1])))
  })
})

describe('the committed classifier in Yosys', () => {
  it('is read, has one driver per signal and no latches, asynchronous resets or loops', async () => {
    const tree = sources()
    const names = Object.keys(tree).join(' ')
    const script = `read_verilog -sv ${names}; hierarchy -check -top recoil_mlp; proc; opt_clean; check -assert; select -assert-none t:$dlatch t:$adff`
    await runYosys(['-q', '-p', script], tree, { stdout: null, stderr: null })
  })
})

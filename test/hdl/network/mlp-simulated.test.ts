import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compileVerilog, Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import {
  buildDenseModel,
  type DenseSpec,
  emitClassifier,
  emitWeights,
  evaluate,
  type IntegerNetwork,
  importDense,
  makeScores,
  mlpLatency,
  readOnnx,
} from '../../../src/network/index.ts'
import { randomInputs, randomSpec, recoilSpec } from '../../network/random-network.ts'
import { streamThrough } from './stream.ts'
import { expectedWords, packVector } from './vectors.ts'

const hdl = new URL('../../../hdl/network/', import.meta.url)
const committed = (name: string): string => readFileSync(new URL(name, hdl), 'utf8')

async function compile(network: IntegerNetwork): Promise<Simulation> {
  const files = {
    'mlp.sv': committed('mlp.sv'),
    'recoil_weights.sv': emitWeights(network),
    'recoil_mlp.sv': emitClassifier(network),
  }
  return new Simulation(await compileVerilog(Object.keys(files), { top: 'recoil_mlp', files, cache: false }))
}

function resetPulse(simulation: Simulation): void {
  simulation.set('rst', 1)
  simulation.step(2)
  simulation.set('rst', 0)
}

describe('mlp.sv as WebAssembly', () => {
  it('equals evaluate() on 5000 vectors of the shipped classifier, at the documented latency', async () => {
    const network = importDense(readOnnx(readFileSync(new URL('../../models/recoil-mlp.onnx', hdl))))
    const files = ['mlp.sv', 'recoil_weights.sv', 'recoil_mlp.sv']
    const options = { top: 'recoil_mlp', files: Object.fromEntries(files.map((f) => [f, committed(f)])) }
    const simulation = new Simulation(await compileVerilog(files, { ...options, cache: false }))
    resetPulse(simulation)
    const [inputs, outputs] = expectedWords(network, randomInputs(recoilSpec(1), 5000, 4), 5000)
    const result = streamThrough(simulation, inputs, 0, new Random(1))
    expect(result.outputs).toEqual(outputs)
    expect(new Set(result.latencies)).toEqual(new Set([mlpLatency(network)]))
  })

  it('has registered outputs: none depends on an input of the same clock', async () => {
    const simulation = await compile(importDense(buildDenseModel(recoilSpec(1))))
    for (const port of ['s_axis_tready', 'm_axis_tvalid', 'm_axis_tdata'])
      expect(simulation.isRegistered(port), port).toBe(true)
  })

  it('equals evaluate() for 12 networks of random sizes, types and shifts, under back-pressure', async () => {
    for (let seed = 100; seed < 112; seed++) {
      const spec: DenseSpec = randomSpec(seed)
      const network = importDense(buildDenseModel(spec))
      const simulation = await compile(network)
      resetPulse(simulation)
      const [inputs, outputs] = expectedWords(network, randomInputs(spec, 150, seed), 150)
      const result = streamThrough(simulation, inputs, 100, new Random(seed))
      expect(result.outputs, `seed ${seed}`).toEqual(outputs)
      expect(new Set(result.latencies)).toEqual(new Set([mlpLatency(network)]))
    }
  })

  it('forgets a vector at any clock of a reset, and computes the next one right', async () => {
    const spec = recoilSpec(4)
    const network = importDense(buildDenseModel(spec))
    const simulation = await compile(network)
    const x = randomInputs(spec, 4, 9)
    const scores = makeScores(network)
    evaluate(network, x, scores, 3 * 9)
    const expected = [packVector(scores, 0, 3, 16)]
    resetPulse(simulation)
    for (let clocks = 0; clocks < mlpLatency(network) + 10; clocks++) {
      simulation.set('s_axis_tdata', packVector(x, 2 * 9, 9, 8))
      simulation.set('s_axis_tvalid', 1)
      simulation.set('m_axis_tready', 0)
      simulation.step(clocks)
      simulation.set('s_axis_tvalid', 0)
      resetPulse(simulation)
      expect(simulation.get('m_axis_tvalid')).toBe(0)
      const { outputs } = streamThrough(simulation, [packVector(x, 3 * 9, 9, 8)], 0, new Random(clocks))
      expect(outputs, `reset after ${clocks} clocks`).toEqual(expected)
    }
  })
})

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generateRecoils } from '../../models/data/generate.ts'
import { testPlan, trainingPlan } from '../../models/data/plan.ts'
import { recoilHardware, treesHardware } from '../../models/recoil-hardware.ts'
import { renderCard } from '../../models/training/card.ts'
import { countParameters, hardwareReport } from '../../models/training/report.ts'
import { featureValues, figures, nuclearMinusElectron, scoreAll } from '../../models/training/score.ts'
import { shippedTraining, shippedTrees } from '../../models/training/shipped.ts'
import { renderTreesCard } from '../../models/training/trees-card.ts'
import { SimulatedNetwork } from '../../sim/network/simulated-network.ts'
import { importNetwork, openOnnxSession, readOnnx } from '../../src/network/index.ts'

const root = new URL('../../models/', import.meta.url)
const read = (name: string): Buffer => readFileSync(new URL(name, root))

const shipped = [
  { name: 'recoil-mlp', compile: recoilHardware, training: shippedTraining, card: renderCard },
  { name: 'recoil-trees', compile: treesHardware, training: shippedTrees, card: renderTreesCard },
].map((model) => {
  const onnx = read(`${model.name}.onnx`)
  const report = JSON.parse(read(`${model.name}.generated.json`).toString())
  return { ...model, onnx, report, ...importNetwork(readOnnx(onnx), { oracle: 'qdq-float' }) }
})

/** Recoils that no training and no card has seen. */
const fresh = generateRecoils({
  ...testPlan,
  seed: 303,
  cameraSeed: 33,
  gains: [0.9, 1.1],
  recoils: [{ from: 8, to: 30, pairs: 250 }],
  others: 0,
  pedestalFrames: 12,
  noiseFrames: 3,
}).sample

describe.each(shipped)('the shipped $name', (model) => {
  const { onnx, report, graph, certificate } = model

  it('is certified, and the one that its report speaks of', async () => {
    expect(certificate).toMatchObject({ class: 'A', oracle: 'qdq-float' })
    expect(createHash('sha256').update(onnx).digest('hex')).toBe(report.sha256)
    expect(report.bytes).toBe(onnx.length)
    expect(report.parameters).toBe(countParameters(graph))
    const { verilog: _, ...exactness } = await hardwareReport(model, false)
    expect(report).toMatchObject(JSON.parse(JSON.stringify(exactness)))
    expect(report.training).toEqual(JSON.parse(JSON.stringify(model.training)))
    expect(report.samples.train.seed).toBe(trainingPlan.seed)
    expect(report.samples.volume.gains).toEqual(testPlan.gains)
    expect(report.onnxRuntime.differences).toBe(0)
  })

  it('has a card made from that report', () => {
    expect(read(`${model.name}.md`).toString()).toBe(model.card(report))
  })

  it('separates fresh recoils of equal energies as well as its card says', () => {
    const rows = Array.from(fresh.labels.keys())
    const { auc } = figures(fresh, rows, nuclearMinusElectron(scoreAll(graph, fresh)))
    const stated = report.control.figures.classifier.auc
    expect([report.control.lowKeVee, report.control.highKeVee]).toEqual([8, 30])
    expect(auc.value).toBeGreaterThan(stated.value - 4 * Math.hypot(stated.error, auc.error))
    const density = figures(fresh, rows, featureValues(fresh, 2))
    expect(auc.value).toBeGreaterThan(density.auc.value + 0.2)
  })

  it('scores alike as integers, in ONNX Runtime and in Verilog', async () => {
    const rows = 200
    const features = fresh.features.subarray(0, rows * 9)
    const own = Array.from(scoreAll(graph, fresh).subarray(0, rows * 3))
    await using session = await openOnnxSession(onnx)
    expect(Array.from(await session.run(features, rows))).toEqual(own)
    const { module } = await model.compile(onnx)
    const simulated = await SimulatedNetwork.open(module, [9], [3])
    const inputs = Array.from({ length: rows }, (_, row) => features.subarray(row * 9, row * 9 + 9))
    expect(simulated.run(inputs).outputs.flatMap((scores) => Array.from(scores))).toEqual(own)
  })
})

describe('the shipped network', () => {
  it('is CYGNO-shaped, 201 parameters', () => {
    const { graph } = shipped[0]!
    const layers = graph.values.filter(({ operation }) => operation.kind === 'dense')
    expect(layers.map(({ shape }) => shape)).toEqual([[10], [7], [3]])
    expect(countParameters(graph)).toBe(201)
  })
})

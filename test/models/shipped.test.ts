import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generateRecoils } from '../../models/data/generate.ts'
import { testPlan, trainingPlan } from '../../models/data/plan.ts'
import { renderCard } from '../../models/training/card.ts'
import { countParameters, hardwareReport } from '../../models/training/report.ts'
import { featureValues, figures, nuclearMinusElectron, scoreAll } from '../../models/training/score.ts'
import { shippedTraining } from '../../models/training/shipped.ts'
import { importNetwork, readOnnx } from '../../src/network/index.ts'

const root = new URL('../../', import.meta.url)
const read = (name: string): Buffer => readFileSync(new URL(name, root))
const onnx = read('models/recoil-mlp.onnx')
const report = JSON.parse(read('models/recoil-mlp.generated.json').toString())
const { graph, certificate } = importNetwork(readOnnx(onnx), { oracle: 'qdq-float' })

describe('the shipped classifier', () => {
  it('is CYGNO-shaped, 201 parameters, and certified', () => {
    const layers = graph.values.filter(({ operation }) => operation.kind === 'dense')
    expect(layers.map(({ shape }) => shape)).toEqual([[10], [7], [3]])
    expect(countParameters(graph)).toBe(201)
    expect(certificate.class).toBe('A')
    expect(certificate.oracle).toBe('qdq-float')
  })

  it('is the one that its report speaks of', async () => {
    expect(createHash('sha256').update(onnx).digest('hex')).toBe(report.sha256)
    expect(report.bytes).toBe(onnx.length)
    expect(report.parameters).toBe(201)
    const { verilog: _, ...exactness } = await hardwareReport(onnx, false)
    expect(report).toMatchObject(JSON.parse(JSON.stringify(exactness)))
    expect(report.training).toEqual(JSON.parse(JSON.stringify(shippedTraining)))
    expect(report.samples.train.seed).toBe(trainingPlan.seed)
    expect(report.samples.test.gains).toEqual(testPlan.gains)
    expect(report.onnxRuntime.differences).toBe(0)
  })

  it('has a card made from that report', () => {
    expect(read('models/recoil-mlp.md').toString()).toBe(renderCard(report))
  })

  it('separates fresh recoils of equal energies as well as its card says', () => {
    const plan = { ...testPlan, seed: 303, cameraSeed: 33, gains: [0.9, 1.1], recoils: 600, others: 0 }
    const { sample } = generateRecoils({ ...plan, from: 8, to: 30 })
    const rows = Array.from(sample.labels.keys())
    const { auc } = figures(sample, rows, nuclearMinusElectron(scoreAll(graph, sample)))
    const stated = report.control.figures.network.auc
    expect([report.control.lowKeVee, report.control.highKeVee]).toEqual([8, 30])
    expect(auc.value).toBeGreaterThan(stated.value - 4 * Math.hypot(stated.error, auc.error))
    const density = figures(sample, rows, featureValues(sample, 2))
    expect(auc.value).toBeGreaterThan(density.auc.value + 0.2)
  })
})

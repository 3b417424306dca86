import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { renderCnnCard } from '../../../models/cnn/card.ts'
import { cnnHardware } from '../../../models/cnn/hardware.ts'
import { picturesOf } from '../../../models/cnn/picture.ts'
import { cnnHardwareReport } from '../../../models/cnn/report.ts'
import { runtimeScores } from '../../../models/cnn/score-pictures.ts'
import { shippedCnn } from '../../../models/cnn/shipped.ts'
import { cropSide, cropSize } from '../../../models/data/macro-crop.ts'
import { SimulatedNetwork } from '../../../sim/network/simulated-network.ts'
import { Random } from '../../../src/core/random.ts'
import { evaluateGraph, importNetwork, readOnnx } from '../../../src/network/index.ts'

const root = new URL('../../../', import.meta.url)
const read = (name: string): Buffer => readFileSync(new URL(name, root))
const onnx = read('models/recoil-cnn.onnx')
const report = JSON.parse(read('models/recoil-cnn.generated.json').toString())
const { graph, certificate } = importNetwork(readOnnx(onnx), { oracle: 'qdq-float' })
const hardware = cnnHardware(onnx)

/** Crops of tracks: spots along a line, with noise; the first two are dark and saturated. */
function tracks(count: number): Int16Array {
  const random = new Random(6)
  const crops = Int16Array.from({ length: count * cropSize }, () => Math.round(7 * random.normal()))
  crops.fill(-50, 0, cropSize).fill(32767, cropSize, 2 * cropSize)
  for (let i = 2; i < count; i++) {
    const angle = 2 * Math.PI * random.uniform()
    const length = 12 * random.uniform()
    const light = 400 * 100 ** random.uniform()
    for (let spot = 0; spot < 30; spot++) {
      const along = length * (random.uniform() - 0.5)
      const x = Math.round(cropSide / 2 + along * Math.cos(angle) + 1.5 * random.normal())
      const y = Math.round(cropSide / 2 + along * Math.sin(angle) + 1.5 * random.normal())
      if (x >= 0 && y >= 0 && x < cropSide && y < cropSide)
        crops[i * cropSize + y * cropSide + x]! += Math.round(light / 30)
    }
  }
  return crops
}

describe('the shipped convolutional network', () => {
  it('is the one that its report and its card speak of', async () => {
    expect(createHash('sha256').update(onnx).digest('hex')).toBe(report.sha256)
    expect(report.training).toEqual(JSON.parse(JSON.stringify(shippedCnn)))
    const {
      verilog,
      layers: _,
      ...exactness
    } = await cnnHardwareReport(onnx, await hardware, shippedCnn.shape, false)
    expect(report).toMatchObject(JSON.parse(JSON.stringify(exactness)))
    expect(report.verilog).toMatchObject({ clocks: verilog.clocks, interval: verilog.interval })
    expect(read('models/recoil-cnn.md').toString()).toBe(renderCnnCard(report))
  }, 120_000)

  it('takes a macro-pixel per clock', () => {
    expect(certificate.class).toBe('A')
    expect(report.verilog.interval).toBe(cropSize)
  })

  it('loses nothing by quantization', () => {
    for (const bin of [...report.byEnergy, ...report.fixedDrift])
      if (bin.lowKeVee >= 6)
        expect(
          Math.abs(bin.figures.classifier.auc.value - bin.figures.float.auc.value),
          `${bin.lowKeVee}`,
        ).toBeLessThan(0.005)
  })

  it('has the same scores in the specification, ONNX Runtime and Verilog', async () => {
    const count = 60
    const pictures = picturesOf(tracks(count))
    const rows = Array.from({ length: count }, (_, i) => pictures.subarray(i * cropSize, (i + 1) * cropSize))
    const expected = Array.from((await runtimeScores(onnx, pictures, cropSide)).scores)
    expect(new Set(expected).size).toBeGreaterThan(100)
    expect(rows.flatMap((row) => Array.from(evaluateGraph(graph, [row])[0]!))).toEqual(expected)
    const { module } = await hardware
    const simulated = await SimulatedNetwork.open(module, [1, cropSide, cropSide], [3])
    const { outputs, taken } = simulated.run(rows)
    expect(outputs.flatMap((scores) => Array.from(scores))).toEqual(expected)
    expect(taken.at(-1)! - taken[0]!).toBe((count - 1) * cropSize)
  }, 120_000)
})

import { expect, it } from 'vitest'
import { MeasuredClusters, measureClassifiers } from '../../src/cli/compare-classifiers.ts'
import type { Device, DeviceClassifier } from '../../src/device/device.ts'
import { featureCount } from '../../src/trigger/features.ts'
import { makeRecord } from '../compare/make.ts'

function device(address: string, classify: DeviceClassifier['classify']): Device {
  return {
    info: { address, description: '' },
    classifier: { processor: 'cpu', classify },
    configure: async () => {},
    async *process() {},
    async [Symbol.asyncDispose]() {},
  }
}

it('a classifier that fails says why, and the others are measured', async () => {
  const devices = [
    device('onnx:cuda', async () => {
      throw new Error('CUDA error 700: an illegal memory access')
    }),
    device('model:', async (_, rows) => new Int16Array(3 * rows)),
  ]
  const facts = await measureClassifiers(devices, new Int8Array(featureCount), new AbortController().signal)
  expect(facts.get('onnx:cuda')).toEqual({
    timing: null,
    reason: 'it failed: CUDA error 700: an illegal memory access',
  })
  expect(facts.get('model:')!.timing!.clustersPerSecond).toBeGreaterThan(0)
})

it('the first 4096 clusters are measured, also from very crowded frames', () => {
  const measured = new MeasuredClusters()
  const [one, two] = makeRecord([{ box: [1, 1, 2, 2] }, { box: [4, 4, 5, 5] }]).clusters
  measured.add({ clusters: [two!] })
  measured.add({ clusters: new Array(100_000).fill(one) })
  measured.add({ clusters: [two!] })
  expect(measured.features).toHaveLength(4096 * featureCount)
  expect(measured.features.subarray(0, featureCount)).toEqual(two!.features)
  expect(measured.features.subarray(-featureCount)).toEqual(one!.features)
})

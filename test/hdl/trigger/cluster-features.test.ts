import { describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import type { ClusterMoments } from '../../../src/trigger/cluster.ts'
import { clusterFeatures } from '../../../src/trigger/features.ts'
import {
  extremeClusters,
  momentsOf,
  packFeatures,
  packRecord,
  randomCells,
  rectangle,
} from '../../support/clusters.ts'
import { type Pace, paces } from '../../support/paces.ts'

const sources = ['cluster_features', 'log2', 'log2_table'].map((name) => `hdl/trigger/${name}.sv`)

async function featuresUnit(): Promise<Dut> {
  const dut = await simulate(sources)
  await dut.applyReset()
  return dut
}

function featuresOf(cluster: ClusterMoments): bigint {
  const features = new Int8Array(9)
  clusterFeatures(cluster, features)
  return packFeatures(features)
}

function expectEqual(dut: Dut, clusters: readonly ClusterMoments[], stall: Pace = paces[0]!): void {
  const records = clusters.map(packRecord)
  const { columns } = dut.stream({ source: 's', items: records, sink: 'm', count: records.length, stall })
  expect(columns.m_record).toEqual(records)
  expect(columns.m_features).toEqual(clusters.map(featuresOf))
}

describe('cluster_features', () => {
  it('takes one cluster at a time, for at most 120 clocks', async () => {
    const dut = await featuresUnit()
    const items = [rectangle(10, 20, 13, 20, 500), rectangle(0, 0, 99, 9, 7)].map(packRecord)
    const { times, sources } = dut.stream({ source: 's', items, sink: 'm', count: 2 })
    times.forEach((time, i) => {
      expect(time - sources[0]!.times[i]!).toBeLessThanOrEqual(120)
    })
    expect(sources[0]!.times[1]).toBe(times[0]! + 1)
  })

  it('equals clusterFeatures() for tracks and blobs of every size, at every pace', async () => {
    const dut = await featuresUnit()
    const random = new Random(2)
    for (const pace of paces) {
      const clusters = Array.from({ length: 300 }, () =>
        momentsOf(randomCells(random), random.integer(33554432)),
      )
      expectEqual(dut, clusters, pace)
    }
  })

  it('equals clusterFeatures() for rectangles anywhere, up to the full image', async () => {
    const dut = await featuresUnit()
    const random = new Random(3)
    const span = (): [number, number] => {
      const low = random.integer(1024)
      return [low, low + random.integer(1024 - low)]
    }
    const clusters = Array.from({ length: 600 }, () => {
      const [x0, x1] = span()
      const [y0, y1] = span()
      return rectangle(x0, y0, x1, y1, random.integer(2 ** (1 + random.integer(17))))
    })
    expectEqual(dut, clusters)
  })

  it('equals clusterFeatures() at every extreme', async () => {
    expectEqual(await featuresUnit(), extremeClusters())
  })
})

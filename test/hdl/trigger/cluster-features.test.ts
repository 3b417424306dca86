import { describe, expect, it } from 'vitest'
import type { Simulation } from '../../../sim/verilog/index.ts'
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
import { simulateStage } from '../../support/simulations.ts'
import { type Item, paces, runStage, type StagePauses } from '../../support/stage.ts'

const source = { valid: 's_valid', ready: 's_ready', data: ['s_record'] }
const sink = { valid: 'm_valid', ready: 'm_ready', data: ['m_record', 'm_features'] }

function expectEqual(simulation: Simulation, clusters: readonly ClusterMoments[], pauses: StagePauses): void {
  const features = new Int8Array(9)
  const items = clusters.map((c) => [packRecord(c)])
  const finished = (outputs: readonly Item[]): boolean => outputs.length >= items.length
  const found = runStage(simulation, { source, sink, items, pauses, random: new Random(1), finished })
  expect(found).toHaveLength(items.length)
  clusters.forEach((cluster, i) => {
    clusterFeatures(cluster, features)
    expect(found[i], JSON.stringify(cluster)).toEqual([items[i]![0], packFeatures(features)])
  })
}

describe('cluster_features', () => {
  it('equals clusterFeatures() for tracks and blobs of every size, at every pace', async () => {
    const simulation = await simulateStage('cluster_features')
    const random = new Random(2)
    for (const pauses of paces) {
      const clusters = Array.from({ length: 300 }, () =>
        momentsOf(randomCells(random), random.integer(33554432)),
      )
      expectEqual(simulation, clusters, pauses)
    }
  })

  it('equals clusterFeatures() for rectangles anywhere, up to the full image', async () => {
    const simulation = await simulateStage('cluster_features')
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
    expectEqual(simulation, clusters, paces[0]!)
  })

  it('equals clusterFeatures() at every extreme', async () => {
    expectEqual(await simulateStage('cluster_features'), extremeClusters(), paces[0]!)
  })
})

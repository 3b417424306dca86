import { describe, expect, it } from 'vitest'
import { PhysicsCollector } from '../../src/compare/physics.ts'
import { tileTable } from '../../src/compare/report/tile-section.ts'
import { makeDeposit, makeRecord, makeTruth } from './make.ts'

const on = (...masks: number[]) => ({ tileMasks: Uint32Array.from(masks) })

describe('tile-deviation trigger', () => {
  it('is null when it was off', () => {
    const physics = new PhysicsCollector()
    physics.frame(makeTruth([]), makeRecord([]))
    expect(physics.finish().tiles).toBeNull()
    expect(tileTable(null).text).toContain('was off')
  })

  it('counts frames and true deposits that it fired for or missed', () => {
    const physics = new PhysicsCollector({ margin: 0 })
    const electron = makeDeposit('electron', 2, [8, 8, 4, 4])
    const helium = makeDeposit('helium', 5, [40, 40, 4, 4])
    const cluster = makeRecord([{ box: [2, 2, 2, 2] }])
    physics.frame(makeTruth([electron, helium]), { ...cluster, ...on(0, 0) })
    physics.frame(makeTruth([electron]), { ...cluster, ...on(0, 4) })
    physics.frame(makeTruth([electron]), { ...makeRecord([]), ...on(1, 0) })
    physics.frame(makeTruth([]), { ...makeRecord([]), ...on(0, 0) })
    physics.frame(makeTruth([electron]), cluster)
    physics.emptyFrame({ clusters: [], ...on(2, 0) })
    physics.emptyFrame({ clusters: [] })
    const { tiles, emptyFrames } = physics.finish()
    expect(emptyFrames).toBe(3)
    expect(tiles).toEqual({
      fired: { part: 2, all: 4 },
      missedWithClusters: { part: 1, all: 2 },
      firedWithoutClusters: { part: 1, all: 2 },
      firedWithoutLight: { part: 1, all: 2 },
      missedDeposits: {
        nuclear: { part: 1, all: 1 },
        electron: { part: 1, all: 3 },
        other: { part: 0, all: 0 },
      },
    })
    const text = tileTable(tiles).text
    expect(text).toMatch(/frames with clusters that it missed<\/td>\n<td[^>]*>1<\/td>\n<td[^>]*>2</)
    expect(text).not.toContain('deposits, other')
  })
})

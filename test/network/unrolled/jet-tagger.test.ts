import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { importNetwork } from '../../../src/network/import/index.ts'
import { readOnnx } from '../../../src/network/index.ts'
import {
  estimateResources,
  evaluateNetlist,
  lowerSegment,
  scheduleNetlist,
} from '../../../src/network/unrolled/index.ts'
import { sharedModels } from '../../support/shared-data.ts'
import { randomInput, wholeSegment } from './random-segment.ts'
import { expected } from './stream.ts'

const file = join(sharedModels, 'qonnx_zoo/jettagging/qkeras_jettagging.onnx')
const absent = !existsSync(file)

describe.skipIf(absent)(
  `6-bit jet tagger${absent ? ' (SKIPPED: ../shared/models is not there)' : ''}`,
  () => {
    it('is exact, and smaller as a whole than its four matrices alone in da4ml (30015 LUTs)', () => {
      const input = { bits: 10, signed: true, exponent: -6 } as const
      const { graph } = importNetwork(readOnnx(readFileSync(file)), { input })
      const segment = wholeSegment(graph)
      const netlist = lowerSegment(segment)
      const random = new Random(16)
      for (let k = 0; k < 200; k++) {
        const vector = randomInput(segment, random)
        expect(evaluateNetlist(netlist, vector)).toEqual(expected(segment, vector))
      }
      const schedule = scheduleNetlist(netlist, 2)
      expect(estimateResources(netlist, schedule).luts).toBeLessThan(27_000)
      expect(schedule.stages).toBeLessThanOrEqual(18)
    })
  },
)

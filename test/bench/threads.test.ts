import { expect, it } from 'vitest'
import { physicsConditions } from '../../bench/physics/conditions.ts'
import { openContext } from '../../bench/physics/context.ts'
import { calibration } from '../../bench/physics/plan.ts'
import { performTask } from '../../bench/physics/tasks.ts'
import { openThreads } from '../../bench/physics/threads.ts'
import { Detector, geometries } from '../../sim/detector/index.ts'

const seed = 51
const detector = new Detector(geometries.test64, {}, seed)
const conditions = physicsConditions(detector, { pedestalFrames: 40, noiseFrames: 10, calibration })
const context = { geometry: 'test64', seed, conditions } as const
const tasks = [0, 3, 6, 9].map((first) => ({
  name: 'found' as const,
  input: { series: { seed: 6, placement: 'sensor', keVee: 0.3, first, count: 3 }, thresholds: [] } as const,
}))

it('threads give what the tasks give one after the other, and hand on what goes wrong', async () => {
  await using threads = openThreads(context, 2)
  const own = openContext(context)
  expect(await threads.map(tasks)).toEqual(tasks.map((task) => performTask(own, task)))
  const { series } = tasks[0]!.input
  const impossible = {
    name: 'found' as const,
    input: { series: { ...series, keVee: -1 }, thresholds: [] },
  }
  await expect(threads.map([impossible])).rejects.toMatchObject({ code: 'GG_SETTINGS' })
})

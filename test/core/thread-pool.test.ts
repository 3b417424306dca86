import { getEventListeners } from 'node:events'
import { afterAll, describe, expect, it } from 'vitest'
import { ThreadPool } from '../../src/core/thread-pool.ts'
import type { PoolTask } from './thread-pool-worker.ts'

const pool = new ThreadPool<PoolTask, number, string>(new URL('./thread-pool-worker.ts', import.meta.url), {
  threads: 2,
  workerData: 10,
})
afterAll(() => pool[Symbol.asyncDispose]())

describe('a thread pool', () => {
  it('gives results in the order of the tasks', async () => {
    const heard: number[] = []
    const tasks = [5, 1, 4, 2, 3].map((value) => ({ value, wait: value * 4 }))
    expect(await pool.map(tasks, (result, at) => heard.push(result * 100 + at))).toEqual([50, 10, 40, 20, 30])
    expect(heard.sort((a, b) => a - b)).toEqual([1001, 2003, 3004, 4002, 5000])
    expect(await pool.map([])).toEqual([])
  })

  it('passes on failures with their codes, and works again afterwards', async () => {
    await expect(pool.map([{ value: 1 }, { fail: 'typed' }, { value: 2 }])).rejects.toMatchObject({
      code: 'GG_SETTINGS',
      remedy: 'Do otherwise.',
    })
    await expect(pool.map([{ fail: 'bug' }])).rejects.toThrow(/a bug\n +at /)
    await expect(pool.map([{ fail: 'exit' }])).rejects.toThrow('ended with code 3')
    expect(await pool.map([{ value: 7 }])).toEqual([70])
  })

  it('stops where it is when the signal aborts', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const tasks = [{ value: 1 }, { value: 2, wait: 600_000 }, { value: 3 }]
    const work = pool.map(tasks, () => abort.abort(reason), abort.signal)
    await expect(work).rejects.toBe(reason)
    await expect(pool.map([{ value: 1 }], undefined, abort.signal)).rejects.toBe(reason)
  })

  it('does several lists at a time, and the failure of one leaves the others alone', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const lists = [[1, 2], [3, 4, 5], [6]].map((values) =>
      pool.map(values.map((value) => ({ value, wait: 5 }))),
    )
    const failing = pool.map([{ value: 1, wait: 600_000 }, { fail: 'typed' }])
    const stopped = pool.map([{ value: 1, wait: 600_000 }], undefined, abort.signal)
    const last = pool.map([{ value: 7 }])
    await expect(failing).rejects.toMatchObject({ code: 'GG_SETTINGS' })
    abort.abort(reason)
    await expect(stopped).rejects.toBe(reason)
    expect(await Promise.all([...lists, last])).toEqual([[10, 20], [30, 40, 50], [60], [70]])
  })

  it('outlives a thread that dies between two lists', async () => {
    expect(await pool.map([{ fail: 'later' }])).toEqual([0])
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await pool.map([{ value: 1 }, { value: 2 }])).toEqual([10, 20])
  })

  it('passes on what threads report, and a listener that fails', async () => {
    const heard: string[] = []
    const tasks = [{ value: 1 }, { value: 2 }]
    await pool.map(tasks, undefined, undefined, (progress, at) => heard.push(`${progress} of ${at}`))
    expect(heard.sort()).toEqual(['at 1 of 0', 'at 2 of 1'])
    const deaf = (): void => {
      throw new Error('deaf')
    }
    await expect(pool.map(tasks, deaf)).rejects.toThrow('deaf')
    await expect(pool.map(tasks, undefined, undefined, deaf)).rejects.toThrow('deaf')
  })

  it('listens to a signal once for each list', async () => {
    const { signal } = new AbortController()
    const tasks = Array.from({ length: 40 }, (_, value) => ({ value }))
    let most = 0
    const work = pool.map(
      tasks,
      () => {
        most = Math.max(most, getEventListeners(signal, 'abort').length)
      },
      signal,
    )
    expect(await work).toEqual(tasks.map(({ value }) => value * 10))
    expect([most, getEventListeners(signal, 'abort').length]).toEqual([1, 0])
  })

  it('ends what is under way when it is ended', async () => {
    const work = pool.map([1, 2, 3].map((value) => ({ value, wait: 600_000 })))
    const ended = expect(work).rejects.toThrow('ended')
    await pool[Symbol.asyncDispose]()
    await ended
  })
})

import { afterAll, describe, expect, it } from 'vitest'
import { ThreadPool } from '../../src/core/thread-pool.ts'
import type { PoolTask } from './thread-pool-worker.ts'

const pool = new ThreadPool<PoolTask, number>(new URL('./thread-pool-worker.ts', import.meta.url), {
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
})

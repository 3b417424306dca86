import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { AsyncQueue } from '../../src/core/async-queue.ts'

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('AsyncQueue', () => {
  it('delivers in order and holds the producer back at its capacity', async () => {
    const queue = new AsyncQueue<number>(2)
    let pushed = 0
    const producer = (async () => {
      for (let i = 0; i < 10; i++) {
        await queue.push(i)
        pushed++
      }
      queue.close()
    })()
    await tick()
    expect(pushed).toBe(2)
    const received: number[] = []
    for await (const item of queue) received.push(item)
    await producer
    expect(received).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('wakes a waiting consumer at close', async () => {
    const queue = new AsyncQueue<number>(1)
    const next = queue.iterate().next()
    queue.close()
    expect((await next).done).toBe(true)
  })

  it('refuses what is pushed after close, also when it waits already', async () => {
    const queue = new AsyncQueue<number>(1)
    await queue.push(1)
    const waiting = queue.push(2)
    queue.close()
    await expect(waiting).rejects.toMatchObject({ code: 'GG_CLOSED' })
  })

  it('ends a waiting side when its signal is aborted', async () => {
    const queue = new AsyncQueue<number>(1)
    const abort = new AbortController()
    const next = queue.iterate(abort.signal).next()
    abort.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
    await queue.push(1)
    const waiting = queue.push(2, abort.signal)
    await expect(waiting).rejects.toThrow('enough')
  })

  it('wakes the living when another waiting producer was aborted', async () => {
    const queue = new AsyncQueue<number>(1)
    await queue.push(1)
    const abort = new AbortController()
    const aborted = queue.push(2, abort.signal)
    const living = queue.push(3)
    abort.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    const items = queue.iterate()
    expect((await items.next()).value).toBe(1)
    expect((await items.next()).value).toBe(3)
    await living
  })

  it('leaves no listeners on a signal that lives long', async () => {
    const queue = new AsyncQueue<number>(1)
    const { signal } = new AbortController()
    for (let i = 0; i < 100; i++) {
      const next = queue.iterate(signal).next()
      await tick()
      await queue.push(i, signal)
      expect((await next).value).toBe(i)
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('forgets what waits when it is cleared, and lets producers go on', async () => {
    const queue = new AsyncQueue<number>(1)
    await queue.push(1)
    const waiting = queue.push(2)
    expect(queue.clear()).toBe(1)
    await waiting
    expect((await queue.iterate().next()).value).toBe(2)
  })
})

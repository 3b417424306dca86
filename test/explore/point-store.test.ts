import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PointStore } from '../../src/explore/point-store.ts'

let folder: string
let damaged: string[]
let store: PointStore
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-points-'))
  damaged = []
  store = new PointStore(folder, (path) => damaged.push(path))
})
afterEach(() => rmSync(folder, { recursive: true }))

const description = { train: { kind: 'mlp' }, study: 'abc' }
const path = (): string => join(folder, readdirSync(folder)[0]!)

describe('the store of points', () => {
  it('gives back what was written, for that description alone', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (what, value) => {
        const result = JSON.parse(JSON.stringify(value))
        store.write(what, result)
        expect(new PointStore(folder).read(what)).toEqual(result)
        expect(store.read({ ...what, more: 1, other: 2 })).toBeUndefined()
      }),
      { seed: 1, numRuns: 50 },
    )
    expect(damaged).toEqual([])
  })

  it('takes any damaged file for missing, says so, and writes over it', () => {
    store.write(description, { auc: 0.9 })
    const sound = readFileSync(path(), 'utf8')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.nat({ max: sound.length - 3 }).map((length) => sound.slice(0, length)),
          fc.constantFrom(sound.replace('0.9', '0.8'), sound.replace('abc', 'abd'), 'null', '{"result":1}'),
          fc.string(),
        ),
        (text) => {
          writeFileSync(path(), text)
          damaged = []
          expect(store.read(description)).toBeUndefined()
          expect(damaged).toEqual([path()])
          store.write(description, { auc: 0.9 })
          expect(store.read(description)).toEqual({ auc: 0.9 })
        },
      ),
      { seed: 1, numRuns: 100 },
    )
  })

  it('puts a file where a folder stands in its way', () => {
    store.write(description, 1)
    const place = path()
    rmSync(place)
    mkdirSync(place)
    expect(store.read(description)).toBeUndefined()
    store.write(description, 2)
    expect(store.read(description)).toBe(2)
  })

  it('says when it cannot be written', () => {
    writeFileSync(join(folder, 'file'), '')
    const store = new PointStore(join(folder, 'file', 'points'))
    expect(() => store.write(description, 1)).toThrow(expect.objectContaining({ code: 'GG_OUTPUT' }))
  })
})

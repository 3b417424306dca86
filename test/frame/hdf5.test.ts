import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type Dataset, File, ready } from 'h5wasm/node'
import { beforeAll, describe, expect, it } from 'vitest'
import { Hdf5Thread } from '../../src/frame/hdf5-thread.ts'
import { type Frame, writeHdf5 } from '../../src/frame/index.ts'
import { frameOf, noiseFrame, outcome, samePixels, scratch } from './make.ts'

const path = scratch()
const frames = [noiseFrame(20, 12, 0), noiseFrame(20, 12, 2), noiseFrame(7, 9, 10)]

beforeAll(() => ready)

type Data = Parameters<File['create_dataset']>[0]

/** A file made by the library itself, not by our writer. */
function foreign(name: string, datasets: readonly Data[]): string {
  const file = new File(path(name), 'w')
  for (const dataset of datasets) file.create_dataset(dataset)
  file.close()
  return path(name)
}

describe('hdf5', () => {
  it('round-trips frames with time and exposure, ordered by event', async () => {
    async function* backwards(): AsyncGenerator<Frame> {
      yield* frames.toReversed()
    }
    await writeHdf5(path('a.h5'), backwards(), { run: 12 })
    const { frames: back, error } = await outcome(path('a.h5'))
    expect(error).toBeUndefined()
    expect(back.map((f) => f.source)).toEqual([0, 2, 10].map((n) => `${path('a.h5')}#pic_run12_ev${n}`))
    expect(back.map((f) => f.number)).toEqual([0, 1, 2])
    back.forEach((frame, i) => {
      expect(samePixels(frame, frames[i]!)).toBe(true)
      expect([frame.time, frame.exposure, frame.bitDepth]).toEqual([1_700_000_000.25, 0.3, 16])
    })
  })

  it('writes what the HDF5 library reads as CYGNO names it', async () => {
    await writeHdf5(path('b.h5'), frames, { run: 1 })
    const file = new File(path('b.h5'), 'r')
    expect(file.keys()).toEqual(['pic_run1_ev0', 'pic_run1_ev10', 'pic_run1_ev2'])
    const dataset = file.get('pic_run1_ev10') as Dataset
    expect(dataset.shape).toEqual([9, 7])
    expect(dataset.dtype).toBe('<H')
    expect(dataset.filters.map((f) => f.name)).toEqual(['deflate'])
    expect([...(dataset.value as Uint16Array)]).toEqual([...frames[2]!.pixels])
    file.close()
  })

  it('leaves no file behind when frames or the disk fail', async () => {
    const before = readdirSync(path('.')).length
    await expect(writeHdf5(path('c.h5'), [frames[0]!, frames[0]!], { run: 1 })).rejects.toMatchObject({
      code: 'GG_OUTPUT',
    })
    function* failing(): Generator<Frame> {
      yield frames[0]!
      throw new Error('camera unplugged')
    }
    await expect(writeHdf5(path('c.h5'), failing(), { run: 1 })).rejects.toThrow('camera unplugged')
    await expect(writeHdf5(path('none/c.h5'), frames, { run: 1 })).rejects.toMatchObject({
      code: 'GG_OUTPUT',
      file: path('none/c.h5'),
    })
    expect(existsSync(path('c.h5'))).toBe(false)
    expect(readdirSync(path('.')).length).toBe(before)
  })

  it('reads integers and floats of every size, two and three dimensions', async () => {
    const values = [0, 1, 2, 3, 4, 100]
    const kinds = {
      u1: Uint8Array,
      i1: Int8Array,
      u2: Uint16Array,
      i2: Int16Array,
      u4: Uint32Array,
      i4: Int32Array,
      f4: Float32Array,
      f8: Float64Array,
    }
    const datasets = Object.values(kinds).map((Kind, i) => ({
      name: `pic_run1_ev${i}`,
      data: Kind.from(values),
      shape: [2, 3],
    }))
    const wide = { name: 'pic_run1_ev8', data: BigInt64Array.from(values.map(BigInt)), shape: [2, 3] }
    const { frames: read, error } = await outcome(foreign('kinds.h5', [...datasets, wide]))
    expect(error).toBeUndefined()
    expect(read.map((f) => [...f.pixels])).toEqual(Array.from({ length: 9 }, () => values))
    const stack = foreign('stack.h5', [
      { name: 'camera', data: Uint16Array.from({ length: 12 }, (_, i) => i), shape: [2, 2, 3] },
      { name: 'table', data: Float64Array.from(values), shape: [2, 3] },
      { name: 'line', data: Uint16Array.from(values) },
    ])
    const three = await outcome(stack)
    expect(three.frames.map((f) => [f.source.slice(stack.length), f.pixels[5]])).toEqual([
      ['#camera/0', 5],
      ['#camera/1', 11],
    ])
  })

  it('refuses what holds no pictures, or no ADU', async () => {
    const empty = await outcome(foreign('empty.h5', [{ name: 'x', data: Float64Array.of(1, 2) }]))
    expect(empty.error).toMatchObject({ code: 'GG_FILE_SHAPE', file: path('empty.h5') })
    const negative = await outcome(
      foreign('neg.h5', [{ name: 'pic_run1_ev0', data: Int16Array.of(1, -2), shape: [1, 2] }]),
    )
    expect(negative.error?.message).toBe('dataset pic_run1_ev0 sample 1 is -2, which is no ADU (0 to 65535)')
    const line = await outcome(foreign('line.h5', [{ name: 'pic_run1_ev0', data: Uint16Array.of(1, 2) }]))
    expect(line.error).toMatchObject({ code: 'GG_FILE_SHAPE' })
    const text = await outcome(foreign('text.h5', [{ name: 'pic_run1_ev0', data: ['a', 'b'] }]))
    expect(text.error).toMatchObject({ code: 'GG_FILE_SHAPE' })
  })

  it('refuses a cut file, also with contiguous data that the library would pad', async () => {
    const file = foreign('flat.h5', [{ name: 'pic_run1_ev0', data: frames[0]!.pixels, shape: [12, 20] }])
    const bytes = readFileSync(file)
    for (const length of [bytes.length - 1, bytes.length - 200, 600, 100, 30, 9]) {
      writeFileSync(path('cut.h5'), bytes.subarray(0, length))
      const { frames: read, error } = await outcome(path('cut.h5'))
      expect(read).toEqual([])
      expect(error).toMatchObject({ code: 'GG_FILE_TRUNCATED', file: path('cut.h5'), offset: length })
    }
  })

  it('gives up on a library that does not answer, and starts another', async () => {
    const file = path('slow.h5')
    await writeHdf5(file, [frameOf(new Uint16Array(2048 * 2048), 2048, 2048)], { run: 1 })
    const thread = await Hdf5Thread.take()
    await thread.call(file, { do: 'open', path: file })
    // Inflating 8 MB takes longer than a millisecond anywhere.
    const late = thread.call(file, { do: 'read', name: 'pic_run1_ev0', plane: 0 }, 1)
    await expect(late).rejects.toMatchObject({ code: 'GG_FILE_CORRUPT', file })
    expect(thread.usable).toBe(false)
    await thread.giveBack()
    expect((await outcome(file)).frames).toHaveLength(1)
  })

  it('goes on reading good files after damaged ones, also at the same time', async () => {
    await writeHdf5(path('good.h5'), frames, { run: 1 })
    const bytes = readFileSync(path('good.h5'))
    writeFileSync(
      path('bad.h5'),
      bytes.map((b, i) => (i > 60 && i % 7 === 0 ? b ^ 0x55 : b)),
    )
    const all = await Promise.all(
      ['good.h5', 'bad.h5', 'good.h5', 'bad.h5', 'good.h5'].map((name) => outcome(path(name))),
    )
    expect(all.map((o) => o.frames.length)).toEqual([3, 0, 3, 0, 3])
    expect(all[1]!.error).toMatchObject({ code: 'GG_FILE_CORRUPT', file: path('bad.h5') })
    expect(all[1]!.error!.message).toMatch(/checksum/)
  })
})

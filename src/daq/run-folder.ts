import { type FileHandle, mkdir, open, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GemgateError } from '../core/errors.ts'
import { writeFailure } from '../core/write-failure.ts'
import type { Frame } from '../frame/frame.ts'
import { encodeNpy } from '../frame/npy.ts'
import type { EventRecord } from '../trigger/event-packet.ts'
import { type Region, regionsOfInterest } from '../trigger/regions.ts'

const classes = ['nuclear', 'electron', 'other'] as const

/**
 * The folder of a run: run.json (settings, versions, counts), events.jsonl (the journal, one record per
 * frame), rois/ (the raw pixels of every region of interest as .npy). The journal line is written after the
 * regions of its frame, so what the journal names is there.
 */
export class RunFolder {
  readonly path: string
  readonly #journal: FileHandle

  private constructor(path: string, journal: FileHandle) {
    this.path = path
    this.#journal = journal
  }

  /**
   * Makes the folder; without a path `run-DATE-TIME`, with a number behind it where that is taken.
   * Throws GG_RUN_FOLDER where a run is already, GG_OUTPUT where nothing can be written.
   */
  static async create(path?: string): Promise<RunFolder> {
    if (path !== undefined) return RunFolder.#make(path)
    const stamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
    for (let attempt = 1; ; attempt++)
      try {
        return await RunFolder.#make(attempt === 1 ? `run-${stamp}` : `run-${stamp}-${attempt}`)
      } catch (error) {
        if (!(error instanceof GemgateError) || error.code !== 'GG_RUN_FOLDER') throw error
      }
  }

  static async #make(path: string): Promise<RunFolder> {
    try {
      await mkdir(join(path, 'rois'), { recursive: true })
      return new RunFolder(path, await open(join(path, 'events.jsonl'), 'wx'))
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST')
        throw new GemgateError('GG_RUN_FOLDER', 'there is a run in this folder', 'Choose another --out.', {
          file: path,
        })
      throw writeFailure(path, cause)
    }
  }

  /** Writes the regions of a frame, then its journal line. */
  async append(frame: Frame, record: EventRecord): Promise<void> {
    const regions = regionsOfInterest(record, frame.width, frame.height)
    const rois = regions.map(
      (_, i) => `rois/${String(frame.number).padStart(6, '0')}-${String(i).padStart(3, '0')}.npy`,
    )
    await this.#writing(async () => {
      for (let i = 0; i < regions.length; i++)
        await writeFile(join(this.path, rois[i]!), encodeNpy(cut(frame, regions[i]!)))
      await this.#journal.write(`${JSON.stringify(journalLine(frame, record, regions, rois))}\n`)
    })
  }

  /** Replaces run.json as a whole. */
  async describe(run: Readonly<Record<string, unknown>>): Promise<void> {
    const draft = join(this.path, '.run.json')
    await this.#writing(async () => {
      await writeFile(draft, `${JSON.stringify(run, plainArrays, 2)}\n`)
      await rename(draft, join(this.path, 'run.json'))
    })
  }

  /** Brings the journal to disk. */
  async close(): Promise<void> {
    await this.#writing(async () => {
      await this.#journal.sync()
      await this.#journal.close()
    })
  }

  /** A disk that is full or gone is a GG_OUTPUT. */
  async #writing(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      throw writeFailure(this.path, error)
    }
  }
}

/** Typed arrays as JSON arrays. */
function plainArrays(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as Uint32Array) : value
}

function journalLine(
  frame: Frame,
  record: EventRecord,
  regions: readonly Region[],
  rois: readonly string[],
): unknown {
  return {
    frame: frame.number,
    source: frame.source,
    time: frame.time,
    exposure: frame.exposure,
    clusters: record.clusters.map((cluster, i) => ({
      class: classes[cluster.winner],
      scores: Array.from(cluster.scores),
      sum: cluster.sum,
      pixels: cluster.pixels,
      peak: cluster.peak,
      x: cluster.w > 0 ? (cluster.wx / cluster.w + 0.5) * record.binning : null,
      y: cluster.w > 0 ? (cluster.wy / cluster.w + 0.5) * record.binning : null,
      features: Array.from(cluster.features),
      region: regions[i],
      roi: rois[i],
    })),
    /** One bit per triggered tile, a word per row of tiles; null where the tile trigger was off. */
    tileMasks: record.tileMasks.length === 0 ? null : Array.from(record.tileMasks),
    rejected: record.rejected,
    active: record.active,
    clippedPixels: record.clippedPixels,
    droppedRuns: record.droppedRuns,
  }
}

/** The pixels of a region; 0 outside its parts. */
function cut(frame: Frame, region: Region): Pick<Frame, 'pixels' | 'width' | 'height'> {
  const pixels = new Uint16Array(region.width * region.height)
  for (const part of region.parts ?? [region])
    for (let y = part.y; y < part.y + part.height; y++) {
      const from = y * frame.width + part.x
      const to = (y - region.y) * region.width + part.x - region.x
      pixels.set(frame.pixels.subarray(from, from + part.width), to)
    }
  return { pixels, width: region.width, height: region.height }
}

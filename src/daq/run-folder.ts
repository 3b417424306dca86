import { type FileHandle, mkdir, open, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GemgateError } from '../core/errors.ts'
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

  /** Throws GG_RUN_FOLDER where a run is already, GG_OUTPUT where nothing can be written. */
  static async create(path: string): Promise<RunFolder> {
    const taken = await stat(join(path, 'run.json')).catch(() => undefined)
    if (taken !== undefined)
      throw new GemgateError('GG_RUN_FOLDER', 'there is a run in this folder', 'Choose another --out.', {
        file: path,
      })
    try {
      await mkdir(join(path, 'rois'), { recursive: true })
      return new RunFolder(path, await open(join(path, 'events.jsonl'), 'wx'))
    } catch (cause) {
      throw new GemgateError('GG_OUTPUT', 'the run folder cannot be made', 'Check path and permissions.', {
        file: path,
        cause,
      })
    }
  }

  /** Writes the regions of a frame, then its journal line. */
  async append(frame: Frame, record: EventRecord): Promise<void> {
    const regions = regionsOfInterest(record, frame.width, frame.height)
    const rois = regions.map(
      (_, i) => `rois/${String(frame.number).padStart(6, '0')}-${String(i).padStart(3, '0')}.npy`,
    )
    for (let i = 0; i < regions.length; i++)
      await writeFile(join(this.path, rois[i]!), encodeNpy(cut(frame, regions[i]!)))
    await this.#journal.write(`${JSON.stringify(journalLine(frame, record, regions, rois))}\n`)
  }

  /** Replaces run.json as a whole. */
  async describe(run: Readonly<Record<string, unknown>>): Promise<void> {
    const draft = join(this.path, '.run.json')
    await writeFile(draft, `${JSON.stringify(run, null, 2)}\n`)
    await rename(draft, join(this.path, 'run.json'))
  }

  /** Brings the journal to disk. */
  async close(): Promise<void> {
    await this.#journal.sync()
    await this.#journal.close()
  }
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
    tileMasks: Array.from(record.tileMasks),
    rejected: record.rejected,
    active: record.active,
    clippedPixels: record.clippedPixels,
    droppedRuns: record.droppedRuns,
  }
}

function cut(frame: Frame, region: Region): Pick<Frame, 'pixels' | 'width' | 'height'> {
  const pixels = new Uint16Array(region.width * region.height)
  for (let y = 0; y < region.height; y++) {
    const from = (region.y + y) * frame.width + region.x
    pixels.set(frame.pixels.subarray(from, from + region.width), y * region.width)
  }
  return { pixels, width: region.width, height: region.height }
}

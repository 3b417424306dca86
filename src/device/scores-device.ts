import { GemgateError } from '../core/errors.ts'
import type { Frame } from '../frame/frame.ts'
import type { RecoilClassifier } from '../network/recoil-classifier.ts'
import { Datapath } from '../trigger/datapath.ts'
import type { EventRecord } from '../trigger/event-packet.ts'
import type { TriggerSettings } from '../trigger/settings.ts'
import type { Device, DeviceInfo, ProcessOptions, ScoredRecord } from './device.ts'
import { type Configuration, checkConfiguration, requireConfiguration } from './frame-loader.ts'
import { rescored } from './rescoring.ts'
import { featureCheck, modelDigest, readScores, type ScoreRow, type ScoresFile } from './scores-file.ts'

const again =
  'Export again with --export and the same source, frames, seed, thresholds and model, and classify that export.'

/**
 * Scores that another machine computed from an export, as a device: the integer datapath finds the clusters of
 * the same frames, their scores come from the file.
 */
export class ScoresDevice implements Device {
  readonly info: DeviceInfo
  readonly #path: string
  readonly #frames = new Map<number, Map<number, ScoreRow>>()
  readonly #datapath = new Datapath((_features, scores) => scores.fill(0))
  readonly #seen = new Set<number>()
  #configuration: Configuration | undefined

  private constructor(path: string, { rows, model }: ScoresFile) {
    this.#path = path
    for (const row of rows) {
      const clusters = this.#frames.get(row.frame)
      if (clusters === undefined) this.#frames.set(row.frame, new Map([[row.cluster, row]]))
      else clusters.set(row.cluster, row)
    }
    const checked = model !== null && rows.every((row) => row.check !== null)
    const unchecked = checked ? '' : '; it does not say from which features and network'
    this.info = {
      address: `scores:${path}`,
      description: `${rows.length} scores computed elsewhere${unchecked}, clusters from the integer datapath`,
    }
  }

  /** Throws what `readScores` throws, and GG_SCORES when the file was made with another network. */
  static async open(path: string, classifier: RecoilClassifier): Promise<ScoresDevice> {
    const file = await readScores(path)
    const own = modelDigest(classifier.onnx).toString('hex')
    if (file.model !== null && file.model !== own)
      throw new GemgateError(
        'GG_SCORES',
        `the scores are those of a network with SHA-256 ${file.model.slice(0, 12)}..., this one has ${own.slice(0, 12)}...`,
        'Give the network of the export with --model, or export again.',
        { file: path },
      )
    return new ScoresDevice(path, file)
  }

  async configure(settings: TriggerSettings, pedestal: Uint32Array): Promise<void> {
    this.#configuration = checkConfiguration(settings, pedestal)
  }

  async *process(
    frames: AsyncIterable<Frame> | Iterable<Frame>,
    options: ProcessOptions = {},
  ): AsyncGenerator<ScoredRecord, void, void> {
    const configuration = requireConfiguration(this.#configuration)
    yield* rescored(this.#datapath, configuration, frames, async (record) => this.#scores(record), options)
  }

  finish(): void {
    for (const [frame, clusters] of this.#frames)
      if (!this.#seen.has(frame)) throw this.#extra([...clusters.values()][0]!, 'no such frame came')
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #scores({ frame, clusters }: EventRecord): number[] {
    this.#seen.add(frame)
    const rows = this.#frames.get(frame)
    for (const row of rows?.values() ?? [])
      if (row.cluster >= clusters.length) throw this.#extra(row, `the frame has ${clusters.length} clusters`)
    return clusters.flatMap(({ features }, cluster) => {
      const row = rows?.get(cluster)
      if (row === undefined)
        throw this.#foreign(`there is no row for frame ${frame}, cluster ${cluster} of ${clusters.length}`)
      if (row.check !== null && row.check !== featureCheck(features))
        throw this.#foreign(
          `${row.place} (frame ${frame}, cluster ${cluster}) was computed from other features`,
        )
      return row.scores
    })
  }

  #extra(row: ScoreRow, why: string): GemgateError {
    return this.#foreign(`${row.place} is for frame ${row.frame}, cluster ${row.cluster}: ${why}`)
  }

  #foreign(message: string): GemgateError {
    return new GemgateError('GG_SCORES', message, again, { file: this.#path })
  }
}

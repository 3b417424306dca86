import { GemgateError } from '../../core/errors.ts'
import type { OnnxModel } from '../onnx/onnx-model.ts'
import { evaluateModel } from '../reference/index.ts'
import type { Sample } from './sample.ts'

/** Elements that are kept instead of being computed again: 128 MB. */
const keptElements = 2 ** 24

/** The values of a float network over the calibration data, in double precision; can be gone through often. */
export class FloatRuns implements Iterable<ReadonlyMap<string, Float64Array>> {
  readonly #model: OnnxModel
  readonly #samples: readonly Sample[]
  readonly #names: readonly string[]
  readonly #kept: ReadonlyMap<string, Float64Array>[] = []
  #left = keptElements

  /** @param names the values that are wanted */
  constructor(model: OnnxModel, samples: readonly Sample[], names: Iterable<string>) {
    this.#model = model
    this.#samples = samples
    this.#names = [...new Set(names)]
  }

  /** @throws GemgateError GG_FILE_SHAPE when a value is not finite */
  *[Symbol.iterator](): Generator<ReadonlyMap<string, Float64Array>> {
    for (let k = 0; k < this.#samples.length; k++) yield this.#kept[k] ?? this.#run(k)
  }

  #run(at: number): ReadonlyMap<string, Float64Array> {
    const all = evaluateModel(this.#model, this.#samples[at]!, { all: true, precision: 'float64' })
    const values = new Map(this.#names.map((name) => [name, all.get(name)!.data]))
    let elements = 0
    for (const [name, data] of values) {
      elements += data.length
      if (!data.every(Number.isFinite))
        throw new GemgateError(
          'GG_FILE_SHAPE',
          `value '${name}' is not finite for some calibration data`,
          'Remove NaN and infinities from the calibration data.',
        )
    }
    if (at === this.#kept.length && elements <= this.#left) {
      this.#left -= elements
      this.#kept.push(values)
    }
    return values
  }
}

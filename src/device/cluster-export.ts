import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFailure } from '../core/write-failure.ts'
import { encodeNpyNumbers } from '../frame/npy-array.ts'
import { encodeZip } from '../frame/zip.ts'
import type { EventRecord } from '../trigger/event-packet.ts'
import { featureCount } from '../trigger/features.ts'
import { featuresOf } from './rescoring.ts'
import { featureCheck, modelDigest } from './scores-file.ts'

/** Names of the files in an export. */
export const exportFiles = {
  clusters: 'clusters.npz',
  model: 'model.onnx',
  script: 'classify.py',
  readme: 'README.md',
} as const

export interface ExportFacts {
  /** The network file. */
  readonly model: Uint8Array
  /** Device whose scores stand as `expected`. */
  readonly reference: string
  /** Command line that compares the scores that come back; the file follows as `scores:FILE`. */
  readonly command: string
}

/** Collects clusters for a classifier on another machine: their features, and the scores to be met there. */
export class ClusterExport {
  readonly #records: EventRecord[] = []

  add(record: EventRecord): void {
    if (record.clusters.length > 0) this.#records.push(record)
  }

  /** Clusters so far. */
  get count(): number {
    return this.#records.reduce((sum, { clusters }) => sum + clusters.length, 0)
  }

  /**
   * Writes clusters, network, script and instructions into a folder, which is made where it is missing.
   * @throws GemgateError GG_OUTPUT
   */
  async write(folder: string, facts: ExportFacts): Promise<void> {
    try {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, exportFiles.clusters), this.#npz(facts.model))
      await writeFile(join(folder, exportFiles.model), facts.model)
      await writeFile(join(folder, exportFiles.script), script)
      await writeFile(join(folder, exportFiles.readme), readme(this.count, facts))
    } catch (error) {
      throw writeFailure(folder, error)
    }
  }

  #npz(model: Uint8Array): Uint8Array {
    const rows = this.#records.flatMap(({ frame, clusters }) =>
      clusters.map((cluster, index) => ({ frame, index, cluster })),
    )
    const count = rows.length
    const features = Int8Array.from(this.#records.flatMap((record) => [...featuresOf(record)]))
    const expected = Int16Array.from(rows.flatMap(({ cluster }) => [...cluster.scores]))
    return encodeZip([
      [
        'frame.npy',
        encodeNpyNumbers(
          [count],
          Uint32Array.from(rows, (row) => row.frame),
        ),
      ],
      [
        'cluster.npy',
        encodeNpyNumbers(
          [count],
          Uint32Array.from(rows, (row) => row.index),
        ),
      ],
      ['features.npy', encodeNpyNumbers([count, featureCount], features)],
      ['expected.npy', encodeNpyNumbers([count, 3], expected)],
      [
        'check.npy',
        encodeNpyNumbers(
          [count],
          Uint32Array.from(rows, (row) => featureCheck(row.cluster.features)),
        ),
      ],
      ['model.npy', encodeNpyNumbers([32], new Uint8Array(modelDigest(model)))],
    ])
  }
}

/** Evaluates the network as it is written, on a provider that must really be there. */
const script = `"""Scores of exported clusters: python3 classify.py [provider], for example CUDAExecutionProvider."""
import sys, time
import numpy as np, onnxruntime as ort
provider = sys.argv[1] if len(sys.argv) > 1 else "CPUExecutionProvider"
options = ort.SessionOptions()
options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
session = ort.InferenceSession("${exportFiles.model}", options, providers=[provider])
if provider not in session.get_providers():
    sys.exit(f"{provider} is not here, only {session.get_providers()}")
clusters = np.load("${exportFiles.clusters}")
for _ in range(2):  # the first evaluation includes the start of the provider
    start = time.perf_counter()
    scores = session.run(None, {session.get_inputs()[0].name: clusters["features"]})[0]
print(f"{len(scores)} clusters in {1e3 * (time.perf_counter() - start):.2f} ms, "
      f"{np.count_nonzero(scores != clusters['expected'])} scores differ from the expected ones")
np.savez("scores.npz", scores=scores, **{name: clusters[name] for name in ("frame", "cluster", "check", "model")})
`

function readme(count: number, { reference, command }: ExportFacts): string {
  return `# ${count} clusters for a classifier on another machine

\`${exportFiles.clusters}\` holds, one row per cluster: \`frame\` and \`cluster\` (where it comes from), \`features\` [n, ${featureCount}] int8,
\`expected\` [n, 3] int16 (scores nuclear, electron, other of \`${reference}\`), \`check\` (CRC-32 of the features) and
\`model\` [32] (SHA-256 of \`${exportFiles.model}\`).

On the other machine, with Python, numpy and onnxruntime (or onnxruntime-gpu):

    python3 ${exportFiles.script} CUDAExecutionProvider

That writes \`scores.npz\` and prints how long one evaluation of all clusters took, the start of the provider excluded.
Operators that a provider does not have run on the CPU; ONNX Runtime's profile says which.

Bring \`scores.npz\` back and compare it on the same frames:

    ${command}

Any other program will do, too: an .npz with \`frame\`, \`cluster\`, \`scores\` and the copied \`check\` and \`model\`, or JSON lines
\`{"frame": 0, "cluster": 0, "scores": [nuclear, electron, other]}\` (\`check\` and \`model\`, the latter in hexadecimal digits, where
known). Whole numbers are compared exactly, fractions within one step.
`
}

import type { ClassifierSettings, HardwareSettings, TriggerChoice } from './settings.ts'

/** A number with its standard error. */
export interface Figure {
  readonly value: number
  readonly error: number
}

/** Nuclear against electron recoils of like energy. */
export interface EnergyFigures {
  readonly lowKeVee: number
  readonly highKeVee: number
  readonly nuclear: number
  readonly electron: number
  readonly auc: Figure
  /** Nuclear recoils kept where 90 % and 99 % of the electrons of the bin are rejected. */
  readonly nrAt90: Figure
  readonly nrAt99: Figure
}

/** How well a classifier does its work, on clusters that it was not trained on. */
export interface ClassifierPhysics {
  /** Weights and biases, or nodes of the trees. */
  readonly parameters: number
  readonly bins: readonly EnergyFigures[]
}

/** How well a trigger does its work. */
export interface TriggerPhysics {
  /** Energy at which half of the electrons are found; null when no tried energy reaches it. */
  readonly keVeeAt50: Figure | null
  readonly keVeeAt90: Figure | null
  readonly emptyFrames: number
  readonly falseRegions: number
}

/** A classifier that comes with gemgate. */
export interface ShippedClassifier {
  readonly name: string
  readonly onnx: Uint8Array
  readonly settings: ClassifierSettings
  readonly hardware: HardwareSettings
}

/** What results follow from besides their settings. */
export interface Basis {
  /** Hash of all of it: samples, options, training code, detector. */
  readonly identity: string
  /** Samples and seeds, for the report. */
  readonly facts: Readonly<Record<string, string | number>>
}

export interface PreparationOptions {
  /** Default: one for each core. */
  readonly threads?: number
  readonly onProgress?: (what: string, done: number, all: number) => void
  readonly signal?: AbortSignal
}

/** The physics of an exploration. It stands on training and simulation, which are handed in from outside. */
export interface Study {
  readonly shipped: readonly ShippedClassifier[]
  /**
   * Makes the samples that are not there yet, in threads of its own; they have to be there before any thread trains or
   * scores.
   * @throws GemgateError GG_FILE_NOT_FOUND, GG_FILE_CORRUPT; the reason of the signal when it aborts
   */
  classifierBasis(options: PreparationOptions): Promise<Basis>
  triggerBasis(): Basis
  /** Trains to an ONNX file: the same settings give the same bytes. */
  train(settings: ClassifierSettings): Uint8Array
  score(onnx: Uint8Array): ClassifierPhysics
  measureTrigger(choice: TriggerChoice): TriggerPhysics
}

/** What a study is opened with; equal in every thread. */
export interface StudyOptions {
  /** A tenth of the statistics and fewer epochs: to try out, not to decide by. */
  readonly quick: boolean
  /** Folder of the samples; null: simulated where they are not yet. */
  readonly data: string | null
  /** Where the recoils are that classifiers are scored on: anywhere in the drift volume, or at one distance. */
  readonly drift: 'volume' | 'fixed'
}

/** A module of studies exports this as `openStudy`. It is quick: samples are read when they are needed. */
export type OpenStudy = (options: StudyOptions) => Study

/** Where a study comes from: threads open it for themselves. */
export interface StudySource {
  /** URL of a module with `openStudy`. */
  readonly module: string
  readonly options: StudyOptions
}

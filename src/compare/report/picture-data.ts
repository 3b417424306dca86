import type { RecoilClass } from '../../frame/truth.ts'
import type { Region } from '../../trigger/regions.ts'
import type { GreyPicture } from './render.ts'

/** A region of interest on a picture, in frame pixels. */
export interface BoxMark {
  readonly region: Region
  readonly class: RecoilClass
  readonly label: string
}

/** A true deposit on a picture: the centre of its light, in frame pixels. */
export interface TruthMark {
  readonly x: number
  readonly y: number
  readonly class: RecoilClass
  readonly label: string
}

export interface FramePicture {
  readonly frame: number
  readonly image: GreyPicture
  readonly boxes: readonly BoxMark[]
  readonly truth: readonly TruthMark[]
  readonly areaDiscarded: number
  readonly signalKept: number | null
}

/** Why a crop is worth looking at. */
export type CropGroup = 'disagreement' | 'wrong' | 'missed' | 'false' | RecoilClass

export interface CropPicture {
  readonly group: CropGroup
  readonly frame: number
  readonly image: GreyPicture
  readonly boxes: readonly BoxMark[]
  readonly truth: readonly TruthMark[]
  /** What the classifier said, null for a missed deposit. */
  readonly winner: RecoilClass | null
  readonly scores: readonly number[] | null
  /** What it really was; null without truth or light. */
  readonly truthText: string | null
  /** The cluster's light in ADU, or the energy from it; null for a missed deposit. */
  readonly energyText: string | null
  /** The disagreement that it belongs to. */
  readonly note: string | null
}

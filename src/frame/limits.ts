/** Largest frame that any reader accepts, in pixels. The largest camera of the field, ORCA-Quest, has 9.4 M. */
export const maxFramePixels = 64 * 1024 * 1024

/** Largest MIDAS event that is accepted, in bytes. A LIME event (picture and waveforms) has about 11 MB. */
export const maxEventBytes = 256 * 1024 * 1024

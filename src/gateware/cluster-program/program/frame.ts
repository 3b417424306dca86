/** Begins a frame: variables, settings and the header of the packet; memory of columns, blocks and labels. */
export const frameProgram = `
    ldp #kept
    ldn #limbs-kept
    call zero
    out #0
    lda ^1
    add #8
    out %a                    ; record type 1, 8 words
    lda $frame_number.0
    out %a
    lda $frame_number.1
    out %a
    lda $time_low.0
    out %a
    lda $time_low.1
    out %a
    lda $time_high.0
    out %a
    lda $time_high.1
    out %a
    lda $width.0
    out %a
    lda $height.0
    out %a
    lda $binning.0
    out %a
    out #0
    lda $threshold_low.0
    sta low
    out %a
    lda $threshold_low.1
    sta low+1
    out %a
    lda $threshold_high.0
    sta high
    out %a
    lda $threshold_high.1
    sta high+1
    out %a
    lda low
    add high
    sta middle
    lda low+1
    adc high+1
    asr %a
    sta middle+1
    ror middle
    sta middle
    lda $link.0
    sub #1
    and #3
    sta reach
    lda $minimum_pixels.0
    sta minimum
    lda $clipped_pixels.0
    sta clipped
    lda $clipped_pixels.1
    sta clipped+1

    lda #half
    add %a
    sta column
    ldp %a
columns:
    lda #0
    sta [p]+1
    lda %p
    sub %blocks
    jnz columns

    lda %blocks
    sta map
    lda #16
    sta limbs
    call clear.blocks

    lda %records              ; every free label names the next one
    sta head
free.labels:
    ldp %a
    lda %p
    add #stride
    sta [p+state]
    sub %end
    jz labels.linked
    add %end
    jmp free.labels
labels.linked:
    sta [p+state]
    lda %p
    sta tail
`

/** The end of the packet: rows of blocks and trailer. */
export const packetProgram = `
trailer:
    lda %blocks
    ldp %a
block.rows:
    lda %p
    sub map
    jz blocks.written
    out [p]+1
    asr limbs
    add #1
    ldn limbs
    sta t
    lda ^5
    or t
    out %a
block.words:
    out [p]+1
    djnz block.words
    jmp block.rows
blocks.written:
    out #0
    lda ^4
    add #8
    out %a
    ldp #kept
    ldn #10
trailer.words:
    out [p]+1
    djnz trailer.words
    lda dropped
    or dropped+1
    jz complete
    lda #1
complete:
    out %a
    out #0
    lda ^69
    add #71
    out %a
    end
    lda ^69
    add #77
    out %a
    halt
`

// event_slots: messages of the events stream, cut into slots of at most PAYLOAD bytes.
//
//   fill         takes bytes into slot `fill_slot` from now on
//   closed       that slot is full or holds the end of a message (closed_last), with `length` bytes; until `fill`
//   read_data    byte `read_offset` of slot `read_slot`, one clock later
// One byte per clock. `flush` stops filling; what was taken is dropped.
`default_nettype none
module event_slots #(
    parameter int PAYLOAD = 500,
    parameter int SLOT_BITS = 1,
    parameter int OFFSET_BITS = $clog2(PAYLOAD + 12)
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire                    flush,
    input  wire                    fill,
    input  wire  [  SLOT_BITS-1:0] fill_slot,
    output logic                   filling,
    output logic                   closed,
    output logic                   closed_last,
    input  wire                    closed_seen,
    output wire  [OFFSET_BITS-1:0] length,
    input  wire  [  SLOT_BITS-1:0] read_slot,
    input  wire  [OFFSET_BITS-1:0] read_offset,
    output logic [            7:0] read_data,
    input  wire                    s_axis_tvalid,
    output wire                    s_axis_tready,
    input  wire  [            7:0] s_axis_tdata,
    input  wire                    s_axis_tlast
);
  (* no_rw_check *) logic [7:0] bytes[0:(1<<(SLOT_BITS+OFFSET_BITS))-1];
  logic [OFFSET_BITS-1:0] offset;
  logic [SLOT_BITS-1:0] slot;
  wire take = s_axis_tvalid & filling;
  wire close = take & (s_axis_tlast | offset == OFFSET_BITS'(PAYLOAD - 1));
  assign s_axis_tready = filling;
  assign length = offset;

  always_ff @(posedge clk) begin
    if (rst | flush) begin
      filling <= 1'b0;
      closed  <= 1'b0;
    end else begin
      filling <= fill | (filling & ~close);
      closed  <= close | (closed & ~closed_seen);
    end
    if (close) closed_last <= s_axis_tlast;
    if (fill) offset <= '0;
    else if (take) offset <= offset + 1'b1;
    if (fill) slot <= fill_slot;
  end

  always_ff @(posedge clk) begin
    if (take) bytes[{slot, offset}] <= s_axis_tdata;
    read_data <= bytes[{read_slot, read_offset}];
  end
endmodule
`default_nettype wire

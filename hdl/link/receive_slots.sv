// receive_slots: frames from the carrier in 2 ** SLOT_BITS slots: one receives, the others wait as parts of a stream.
//
//   s_*          bytes of frames; a beat with s_end has no byte and ends a frame, s_abort with it: it is damaged
//   frame        a frame is there and s_ready is low until `release_frame`; `damaged`, `crc_ok`, and `length` (its bytes
//                minus 8) belong to it, and frame_data is its next byte in the clock after `read`
//   keep         with release_frame: its payload, 1 to PAYLOAD bytes, goes to the stream; not when `full`
//   slot_free    a payload has left; until `slot_seen` no other does
//   m_axis_*     the stream. `flush` drops everything but the frame at hand.
// Header in the last 8 bytes of a slot, payload from its start. One byte per clock in and, without `read`, out.
`default_nettype none
module receive_slots #(
    parameter int PAYLOAD = 500,
    parameter int SLOT_BITS = 2,
    parameter int CRC_BITS = 8,
    parameter int OFFSET_BITS = $clog2(PAYLOAD + 12)
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire                  s_valid,
    output wire                  s_ready,
    input  wire  [          7:0] s_data,
    input  wire                  s_end,
    input  wire                  s_abort,
    output logic                 frame,
    output wire                  damaged,
    output wire                  crc_ok,
    output wire  [OFFSET_BITS:0] length,
    input  wire                  read,
    output wire  [          7:0] frame_data,
    input  wire                  release_frame,
    input  wire                  keep,
    output wire                  full,
    output logic                 slot_free,
    input  wire                  slot_seen,
    input  wire                  flush,
    output logic                 m_axis_tvalid,
    input  wire                  m_axis_tready,
    output logic [          7:0] m_axis_tdata
);
  localparam int O = OFFSET_BITS;
  localparam logic [O:0] START = {{O - 2{1'b1}}, 3'b000};
  localparam logic [O:0] STOP = (O + 1)'(PAYLOAD + 4);

  (* no_rw_check *) logic [7:0] bytes[0:(1<<(SLOT_BITS+O))-1];
  logic [7:0] read_data;

  // The frame that comes in.
  logic [O:0] offset;
  logic [SLOT_BITS-1:0] write_slot;
  logic wrong, some;
  wire crc_ready;
  wire [31:0] crc;
  assign s_ready = crc_ready & ~frame;
  wire take = s_valid & s_ready;
  wire put = take & ~s_end & offset != STOP;
  assign damaged = wrong;
  assign crc_ok = crc == 32'hDEBB20E3;
  assign length = offset;

  crc32 #(
      .BITS(CRC_BITS)
  ) crc32_i (
      .clk(clk),
      .clear(rst | release_frame),
      .s_valid(take & ~s_end),
      .s_ready(crc_ready),
      .s_zero(1'b0),
      .s_data(s_data),
      .crc(crc)
  );

  always_ff @(posedge clk)
    if (rst | release_frame) begin
      offset <= START;
      wrong <= 1'b0;
      some <= 1'b0;
      frame <= 1'b0;
    end else if (take) begin
      if (put) offset <= offset + 1'b1;
      if (s_end ? s_abort : !put) wrong <= 1'b1;
      if (!s_end) some <= 1'b1;
      if (s_end & (s_abort | some)) frame <= 1'b1;
    end

  // The processor's way through it.
  logic [O-1:0] look;
  wire [O-1:0] next_look = look + 1'b1;
  always_ff @(posedge clk)
    if (rst | release_frame) look <= START[O-1:0] - 1'b1;
    else if (read) look <= next_look;

  // The slot that goes out: `current`: read_data is its byte at `position`.
  logic [SLOT_BITS-1:0] read_slot;
  logic [O-1:0] position, size;
  logic current;
  wire [SLOT_BITS-1:0] next_write_slot = write_slot + 1'b1;
  wire header = &position[O-1:3];
  wire last = ~header & position == size;
  wire step = current & (header | ~m_axis_tvalid | m_axis_tready) & ~last;
  wire leave = last & ~slot_free;
  wire [O-1:0] next_position = position + O'(step);
  assign full = next_write_slot == read_slot;
  assign frame_data = read_data;

  always_ff @(posedge clk) begin
    if (rst | flush) begin
      write_slot <= '0;
      read_slot <= '0;
    end else begin
      if (keep) write_slot <= next_write_slot;
      if (leave) read_slot <= read_slot + 1'b1;
    end
    if (rst | flush) slot_free <= 1'b0;
    else slot_free <= (slot_free & ~slot_seen) | leave;
    if (rst | flush | leave) begin
      position <= START[O-1:0];
      current  <= 1'b0;
    end else begin
      position <= next_position;
      current  <= write_slot != read_slot & ~read;
    end
    if (header & current & position[2:0] == 3'd4) size[7:0] <= read_data;
    if (header & current & position[2:0] == 3'd5) size[O-1:8] <= read_data[O-9:0];
    if (rst | flush) m_axis_tvalid <= 1'b0;
    else if (step & ~header) m_axis_tvalid <= 1'b1;
    else if (m_axis_tready) m_axis_tvalid <= 1'b0;
    if (step & ~header) m_axis_tdata <= read_data;
  end

  always_ff @(posedge clk) begin
    if (put) bytes[{write_slot, offset[O-1:0]}] <= s_data;
    read_data <= bytes[read ? {write_slot, next_look} : {read_slot, next_position}];
  end
endmodule
`default_nettype wire

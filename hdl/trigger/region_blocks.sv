// region_blocks: a coarse map of where macro-pixels are active, as records of the event packet.
//
// Twin of src/trigger/region-blocks.ts. The macro-pixels of a frame pass by as the gains left them; a block is 4 x 4 of
// them. A row of blocks is kept when an active macro-pixel reaches the middle of the thresholds, else the next row
// takes its place in the memory.
//   m_*   from the frame's last macro-pixel on: the words of the records `blocks` of event-packet.ts; m_valid is low
//         when all were taken
// Throughput 1 macro-pixel and 1 word per clock. Memories: 2^(COLUMN_BITS - 2) rows of 2^(COLUMN_BITS - 7) words of 32
// bits, and of their numbers.
`default_nettype none
module region_blocks #(
    parameter int COLUMN_BITS = 10
) (
    input  wire                clk,
    input  wire                rst,
    input  wire                start,               // a new frame
    input  wire         [24:0] cfg_threshold_low,
    input  wire         [24:0] cfg_threshold_high,
    input  wire                s_valid,             // the macro-pixel is taken
    input  wire  signed [25:0] s_filtered,
    input  wire                s_last_column,
    input  wire                s_last,
    output wire                m_valid,
    input  wire                m_ready,
    output wire         [31:0] m_word
);
  localparam int C = COLUMN_BITS < 8 ? 8 : COLUMN_BITS;
  localparam int R = C - 2;  // bits of a row of blocks
  localparam int W = C - 7;  // bits of a word in it

  logic [C-1:0] x;
  logic [1:0] y;
  logic [R-1:0] row;
  logic [R:0] slot, slots;  // place in the memory, and how many are taken
  logic [W-1:0] last_word;
  logic reading, bright;
  logic [31:0] memory[0:(1<<(R+W))-1];
  logic [R-1:0] numbers[0:(1<<R)-1];
  logic [31:0] stored, collected;

  wire is_active = s_filtered >= $signed({1'b0, cfg_threshold_low});
  wire [24:0] middle = 25'(({1'b0, cfg_threshold_low} + {1'b0, cfg_threshold_high}) >> 1);
  wire is_bright = is_active & s_filtered >= $signed({1'b0, middle});
  wire [W-1:0] word = x[C-1:7];
  wire word_start = x[6:0] == 0;
  wire word_end = s_last_column | &x[6:0];
  wire row_end = s_last_column & (y == 2'd3 | s_last);
  wire keep = bright | is_bright;

  // Bits of this word from the rows of macro-pixels above; the only word of a narrow row was never left.
  wire [31:0] above = y == 0 ? 32'd0 : last_word == 0 ? collected : stored;
  wire [31:0] earlier = word_start ? above : collected;
  wire [31:0] bits = earlier | {31'b0, is_active} << x[6:2];

  logic [W:0] index;  // 0: the first word of a record, else that after word index - 1
  wire take = m_valid & m_ready;
  wire record_end = index == {1'b0, last_word} + 1'b1;
  assign m_valid = reading & slot != slots;
  wire [7:0] words = 8'(last_word) + 8'd2;
  assign m_word = index == 0 ? {8'd5, words, 16'(numbers[slot[R-1:0]])} : stored;

  wire [W-1:0] next_word = s_last_column ? '0 : word + 1'b1;
  wire [R+W-1:0] address = {slot[R-1:0], reading ? index[W-1:0] : next_word};
  always_ff @(posedge clk) begin
    if (reading ? take : s_valid & word_end) stored <= memory[address];
    if (s_valid & word_end) memory[{slot[R-1:0], word}] <= bits;
    if (s_valid & row_end) numbers[slot[R-1:0]] <= row;
  end

  wire awake = rst | start | s_valid | take;
  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst | start) begin
      x <= '0;
      y <= '0;
      row <= '0;
      slot <= '0;
      slots <= '0;
      index <= '0;
      last_word <= '0;
      bright <= 1'b0;
      reading <= 1'b0;
    end else if (s_valid) begin
      collected <= bits;
      x <= s_last_column ? '0 : x + 1'b1;
      bright <= keep & ~row_end;
      if (s_last_column) begin
        y <= y + 2'd1;
        last_word <= word;
      end
      if (row_end) begin
        row <= row + 1'b1;
        slot <= s_last ? '0 : slot + {{R{1'b0}}, keep};
        slots <= slot + {{R{1'b0}}, keep};
      end
      reading <= s_last;
    end else begin
      index <= record_end ? '0 : index + 1'b1;
      if (record_end) slot <= slot + 1'b1;
    end
endmodule
`default_nettype wire

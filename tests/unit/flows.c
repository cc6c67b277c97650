/* The flow engine over packets made by hand: what is new, sent again, overtaken, captured twice; whose time it was; why it ended. */
#include "ntsh/flows.h"
#include "wire/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define MS NS_PER_MS

enum { CLIENT = 0, SERVER = 1, FRAME_MAX = 2048, ENDED_MAX = 8, EXCHANGES_MAX = 16 };

static struct flows *flows;
static ns_t now;
static uint16_t ident;
static uint8_t hops[2];
static uint32_t seq[2];
static struct flow ended[ENDED_MAX];
static char names[ENDED_MAX][64];
static size_t ended_count;
static struct flow_exchange exchanges[EXCHANGES_MAX];
static size_t exchange_count;

static void on_ended(const struct flow *flow, void *arg)
{
	(void)arg;
	assert_true(ended_count < ENDED_MAX);
	ended[ended_count] = *flow;
	strncpy(names[ended_count], flow->name ? flow->name : "", sizeof names[0] - 1);
	ended_count++;
}

static void on_exchange(const struct flow *flow, const struct flow_exchange *exchange, void *arg)
{
	(void)flow;
	(void)arg;
	if (exchange_count < EXCHANGES_MAX)
		exchanges[exchange_count++] = *exchange;
}

static int begin(void **state)
{
	static const struct flows_events events = { on_ended, on_exchange };
	(void)state;
	flows = flows_new(&events, NULL);
	now = 1700000000 * NS_PER_S;
	ident = 100;
	hops[CLIENT] = 64;
	hops[SERVER] = 60;
	seq[CLIENT] = 1000;
	seq[SERVER] = UINT32_MAX - 500; /* it wraps on the way */
	ended_count = exchange_count = 0;
	memset(ended, 0, sizeof ended);
	memset(names, 0, sizeof names);
	return 0;
}

static int end(void **state)
{
	(void)state;
	flows_free(flows);
	return 0;
}

static void feed(const uint8_t *bytes, size_t length)
{
	struct packet packet;
	packet_decode(&packet, PACKET_LINK_RAW, bytes, (uint32_t)length, (uint32_t)length);
	assert_int_equal(packet.fault, PACKET_SOUND);
	flows_packet(flows, &packet, now, NULL);
}

static size_t ip_begin(uint8_t *frame, int from, uint8_t protocol, size_t length)
{
	static const uint8_t addresses[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 1, 2 } };
	memset(frame, 0, 20);
	frame[0] = 0x45;
	bytes_put_u16(frame + 2, (uint16_t)(20 + length));
	bytes_put_u16(frame + 4, ident++);
	frame[6] = 0x40;
	frame[8] = hops[from];
	frame[9] = protocol;
	memcpy(frame + 12, addresses[from], 4);
	memcpy(frame + 16, addresses[!from], 4);
	return 20;
}

/* One segment at these numbers, `after` the one before. */
static void segment(int from, ns_t after, uint16_t flags, uint32_t number, uint32_t ack, const void *data,
		    size_t length, uint16_t window)
{
	uint8_t frame[FRAME_MAX];
	size_t at = ip_begin(frame, from, 6, 20 + length);
	uint8_t *tcp = frame + at;
	now += after;
	memset(tcp, 0, 20);
	bytes_put_u16(tcp, from == CLIENT ? 40000 : 80);
	bytes_put_u16(tcp + 2, from == CLIENT ? 80 : 40000);
	bytes_put_u32(tcp + 4, number);
	bytes_put_u32(tcp + 8, ack);
	tcp[12] = 5 << 4;
	tcp[13] = (uint8_t)flags;
	bytes_put_u16(tcp + 14, window);
	if (length)
		memcpy(tcp + 20, data, length);
	feed(frame, at + 20 + length);
}

static void send_data(int from, ns_t after, const void *data, size_t length)
{
	segment(from, after, PACKET_ACK | PACKET_PSH, seq[from], seq[!from], data, length, 60000);
	seq[from] += (uint32_t)length;
}

static void send_ack(int from, ns_t after)
{
	segment(from, after, PACKET_ACK, seq[from], seq[!from], NULL, 0, 60000);
}

/* 20 ms to the server, next to the client: captured at the client. */
static void connect_both(void)
{
	segment(CLIENT, 0, PACKET_SYN, seq[CLIENT]++, 0, NULL, 0, 60000);
	segment(SERVER, 20 * MS, PACKET_SYN | PACKET_ACK, seq[SERVER]++, seq[CLIENT], NULL, 0, 60000);
	send_ack(CLIENT, 0);
}

static void close_both(void)
{
	segment(CLIENT, MS, PACKET_FIN | PACKET_ACK, seq[CLIENT]++, seq[SERVER], NULL, 0, 60000);
	segment(SERVER, 20 * MS, PACKET_FIN | PACKET_ACK, seq[SERVER]++, seq[CLIENT], NULL, 0, 60000);
	send_ack(CLIENT, 0);
}

static const struct flow *only(void)
{
	flows_finish(flows);
	assert_int_equal(ended_count, 1);
	return &ended[0];
}

static const char request[] = "GET /slow HTTP/1.1\r\nHost: www.example\r\n\r\n";
static const char answer[] = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
static char block[1000];

static void ask_and_answer(void)
{
	send_data(CLIENT, 0, request, sizeof request - 1);
	send_ack(SERVER, 20 * MS);
	send_data(SERVER, 300 * MS, answer, sizeof answer - 1);
	send_ack(CLIENT, 0);
}

/* --- the time split --- */

static void splits_the_wait(void **state)
{
	(void)state;
	connect_both();
	ask_and_answer();
	close_both();
	const struct flow *flow = only();
	ns_t network;
	assert_int_equal(flow->ending, FLOW_CLOSED);
	assert_int_equal(flow->app, FLOW_APP_HTTP);
	assert_string_equal(names[0], "www.example");
	assert_int_equal(flow_round_trip(flow), 20 * MS);
	assert_int_equal(flow->exchanges, 1);
	assert_int_equal(flow_exchange_server(flow, &exchanges[0], &network), 300 * MS);
	assert_int_equal(network, 20 * MS);
	assert_string_equal(exchanges[0].what, "GET /slow");
	assert_int_equal(exchanges[0].status, 503);
	assert_int_equal(flow->worst_status, 503);
	assert_int_equal(flow->side[CLIENT].retransmissions + flow->side[SERVER].retransmissions, 0);
}

/* The acknowledgement rides on the answer: the round trip stands for it. */
static void splits_without_an_ack(void **state)
{
	(void)state;
	connect_both();
	send_data(CLIENT, 0, request, sizeof request - 1);
	send_data(SERVER, 120 * MS, answer, sizeof answer - 1);
	const struct flow *flow = only();
	ns_t network;
	assert_int_equal(flow_exchange_server(flow, &exchanges[0], &network), 100 * MS);
	assert_int_equal(network, 20 * MS);
}

static void never_answered(void **state)
{
	(void)state;
	connect_both();
	send_data(CLIENT, 0, request, sizeof request - 1);
	send_ack(SERVER, 20 * MS);
	assert_int_equal(only()->ending, FLOW_SILENT);
}

static void greeting(void **state)
{
	(void)state;
	connect_both();
	send_data(SERVER, 520 * MS, "220 mail\r\n", 10);
	const struct flow *flow = only();
	assert_int_equal(flow->app, FLOW_APP_BANNER);
	assert_int_equal(flow->server_sum, 520 * MS);
}

/* --- sent again, and not --- */

static void lost_before_us(void **state)
{
	(void)state;
	connect_both();
	send_data(CLIENT, 0, request, sizeof request - 1);
	send_data(SERVER, 20 * MS, block, sizeof block);
	uint32_t hole = seq[SERVER];
	seq[SERVER] += sizeof block;
	send_data(SERVER, 0, block, sizeof block);
	segment(SERVER, 21 * MS, PACKET_ACK, hole, seq[CLIENT], block, sizeof block, 60000);
	const struct flow *flow = only();
	assert_int_equal(flow->side[SERVER].retransmissions, 1);
	assert_int_equal(flow->side[SERVER].filled, 1);
	assert_int_equal(flow->side[SERVER].missing, 0);
	assert_int_equal(flow->side[SERVER].reordered, 0);
	assert_int_equal(flow->side[SERVER].payload_bytes, 3 * sizeof block);
}

static void overtaken(void **state)
{
	(void)state;
	connect_both();
	send_data(CLIENT, 0, request, sizeof request - 1);
	send_data(SERVER, 20 * MS, block, sizeof block);
	uint32_t hole = seq[SERVER];
	seq[SERVER] += sizeof block;
	send_data(SERVER, 0, block, sizeof block);
	segment(SERVER, MS, PACKET_ACK, hole, seq[CLIENT], block, sizeof block, 60000);
	const struct flow *flow = only();
	assert_int_equal(flow->side[SERVER].retransmissions, 0);
	assert_int_equal(flow->side[SERVER].reordered, 1);
}

static void captured_twice(void **state)
{
	(void)state;
	connect_both();
	uint32_t first = seq[CLIENT];
	send_data(CLIENT, 0, block, sizeof block);
	ident--;
	segment(CLIENT, 0, PACKET_ACK | PACKET_PSH, first, seq[SERVER], block, sizeof block, 60000);
	const struct flow *flow = only();
	assert_int_equal(flow->side[CLIENT].copies, 1);
	assert_int_equal(flow->side[CLIENT].retransmissions, 0);
	assert_int_equal(flow->side[CLIENT].payload_bytes, sizeof block);
}

static void timeout_and_spurious(void **state)
{
	(void)state;
	connect_both();
	uint32_t first = seq[CLIENT];
	send_data(CLIENT, 0, block, sizeof block);
	segment(CLIENT, 220 * MS, PACKET_ACK, first, seq[SERVER], block, sizeof block, 60000);
	send_ack(SERVER, 20 * MS);
	segment(CLIENT, 10 * MS, PACKET_ACK, first, seq[SERVER], block, sizeof block, 60000);
	const struct flow *flow = only();
	assert_int_equal(flow->side[CLIENT].retransmissions, 2);
	assert_int_equal(flow->side[CLIENT].timeouts, 1);
	assert_int_equal(flow->side[CLIENT].timeout_time, 220 * MS);
	assert_int_equal(flow->side[CLIENT].spurious, 1);
}

static void black_hole(void **state)
{
	char large[1400] = { 0 };
	(void)state;
	connect_both();
	uint32_t first = seq[CLIENT];
	send_data(CLIENT, 0, large, sizeof large);
	for (int i = 0; i < 4; i++)
		segment(CLIENT, (220 << i) * MS, PACKET_ACK, first, seq[SERVER], large, sizeof large, 60000);
	assert_true(only()->side[CLIENT].stuck_large);
}

static void closed_window(void **state)
{
	(void)state;
	connect_both();
	send_data(SERVER, 0, block, sizeof block);
	segment(CLIENT, 0, PACKET_ACK, seq[CLIENT], seq[SERVER], NULL, 0, 0);
	segment(CLIENT, 700 * MS, PACKET_ACK, seq[CLIENT], seq[SERVER], NULL, 0, 60000);
	const struct flow *flow = only();
	assert_int_equal(flow->side[CLIENT].zero_windows, 1);
	assert_int_equal(flow->side[CLIENT].zero_window_time, 700 * MS);
}

/* --- ends --- */

static void refused(void **state)
{
	(void)state;
	segment(CLIENT, 0, PACKET_SYN, seq[CLIENT]++, 0, NULL, 0, 60000);
	segment(SERVER, 20 * MS, PACKET_RST | PACKET_ACK, 0, seq[CLIENT], NULL, 0, 0);
	const struct flow *flow = only();
	assert_int_equal(flow->ending, FLOW_REFUSED);
	assert_non_null(strstr(flow->why, "nobody listens"));
}

static void unanswered(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		segment(CLIENT, 1000 * MS, PACKET_SYN, seq[CLIENT], 0, NULL, 0, 60000);
	const struct flow *flow = only();
	assert_int_equal(flow->ending, FLOW_UNANSWERED);
	assert_int_equal(flow->syns, 3);
}

static void forged(void **state)
{
	(void)state;
	connect_both();
	send_data(CLIENT, 0, request, sizeof request - 1);
	hops[SERVER] = 63;
	segment(SERVER, MS, PACKET_RST, seq[SERVER], 0, NULL, 0, 0);
	const struct flow *flow = only();
	assert_int_equal(flow->ending, FLOW_RESET);
	assert_int_equal(flow->ender, SERVER);
	assert_true(flow->forged);
}

static void idle_timer(void **state)
{
	(void)state;
	connect_both();
	ask_and_answer();
	segment(SERVER, 350000 * MS, PACKET_RST, seq[SERVER], 0, NULL, 0, 0);
	const struct flow *flow = only();
	assert_false(flow->forged);
	assert_non_null(strstr(flow->why, "idle timer"));
}

static void new_connection_with_old_ports(void **state)
{
	(void)state;
	connect_both();
	close_both();
	seq[CLIENT] += 70000;
	seq[SERVER] += 80000;
	connect_both();
	flows_finish(flows);
	assert_int_equal(ended_count, 2);
	assert_int_equal(ended[1].number, 2);
	assert_int_equal(ended[1].side[CLIENT].retransmissions, 0);
}

static void dns_names_what_follows(void **state)
{
	static const uint8_t question[] = { 0x12, 0x34, 1,   0,   0,   1, 0, 0, 0, 0, 0,
					    0,    3,    'w', 'w', 'w', 0, 0, 1, 0, 1 };
	static const uint8_t reply[] = { 0x12, 0x34, 0x81, 0x80, 0,  1, 0, 1,  0,    0,  0, 0, 3,
					 'w',  'w',  'w',  0,    0,  1, 0, 1,  0xc0, 12, 0, 1, 0,
					 1,    0,    0,    0,    60, 0, 4, 10, 0,    1,  2 };
	uint8_t frame[FRAME_MAX];
	(void)state;
	for (int from = 0; from < 2; from++) {
		const uint8_t *data = from ? reply : question;
		size_t length = from ? sizeof reply : sizeof question,
		       at = ip_begin(frame, from, 17, 8 + length);
		bytes_put_u16(frame + at, from ? 53 : 5353 + 1);
		bytes_put_u16(frame + at + 2, from ? 5353 + 1 : 53);
		bytes_put_u16(frame + at + 4, (uint16_t)(8 + length));
		bytes_put_u16(frame + at + 6, 0);
		memcpy(frame + at + 8, data, length);
		now += 30 * MS;
		feed(frame, at + 8 + length);
	}
	connect_both();
	flows_finish(flows);
	assert_int_equal(ended_count, 2);
	assert_int_equal(ended[0].app, FLOW_APP_DNS);
	assert_string_equal(exchanges[0].what, "A? www");
	assert_int_equal(exchanges[0].answer - exchanges[0].request, 30 * MS);
	assert_string_equal(names[1], "www");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(splits_the_wait),
		TEST(splits_without_an_ack),
		TEST(never_answered),
		TEST(greeting),
		TEST(lost_before_us),
		TEST(overtaken),
		TEST(captured_twice),
		TEST(timeout_and_spurious),
		TEST(black_hole),
		TEST(closed_window),
		TEST(refused),
		TEST(unanswered),
		TEST(forged),
		TEST(idle_timer),
		TEST(new_connection_with_old_ports),
		TEST(dns_names_what_follows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Bytes from outside: a reader that never leaves its range, and says at the end whether it wanted to. Network order. */
#ifndef WIRE_BYTES_H
#define WIRE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* short_: something was asked for that is not there; it, and all that follows, reads as zeroes. */
struct bytes_reader {
	const uint8_t *at;
	size_t rest;
	bool short_;
};

static inline struct bytes_reader bytes_reader_of(const void *bytes, size_t length)
{
	return (struct bytes_reader){ .at = bytes, .rest = length };
}

/* The next length bytes, or NULL when there are fewer. */
static inline const uint8_t *bytes_take(struct bytes_reader *reader, size_t length)
{
	if (reader->short_ || length > reader->rest) {
		reader->short_ = true;
		return NULL;
	}
	const uint8_t *taken = reader->at;
	reader->at += length;
	reader->rest -= length;
	return taken;
}

static inline uint8_t bytes_u8(struct bytes_reader *reader)
{
	const uint8_t *at = bytes_take(reader, 1);
	return at ? at[0] : 0;
}

static inline uint16_t bytes_u16(struct bytes_reader *reader)
{
	const uint8_t *at = bytes_take(reader, 2);
	if (!at)
		return 0;
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t bytes_u32(struct bytes_reader *reader)
{
	uint32_t high = bytes_u16(reader);
	return high << 16 | bytes_u16(reader);
}

static inline uint64_t bytes_u64(struct bytes_reader *reader)
{
	uint64_t high = bytes_u32(reader);
	return high << 32 | bytes_u32(reader);
}

/* Reads in network order from a place that the caller has checked. */
static inline uint16_t bytes_get_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t bytes_get_u32(const uint8_t *at)
{
	return (uint32_t)bytes_get_u16(at) << 16 | bytes_get_u16(at + 2);
}

/* Writes in network order into a place that the caller has checked. */
static inline void bytes_put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void bytes_put_u32(uint8_t *at, uint32_t value)
{
	bytes_put_u16(at, (uint16_t)(value >> 16));
	bytes_put_u16(at + 2, (uint16_t)value);
}

static inline void bytes_put_u64(uint8_t *at, uint64_t value)
{
	bytes_put_u32(at, (uint32_t)(value >> 32));
	bytes_put_u32(at + 4, (uint32_t)value);
}

#endif

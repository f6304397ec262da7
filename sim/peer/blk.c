/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blk.c - requests of a block device. A header is copied before it is looked at; data go straight between the
 * driver's memory and the disk.
 */
#include "peer/blk.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_blk.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t disk_bytes(const struct blk_disk *disk)
{
	return disk->memory.region[0].size;
}

/* A file, or memory without a name: mapped and guarded alike. */
static int open_file(const struct blk_conf *conf, uint64_t *size, struct vrb_err *err)
{
	struct stat st;
	int fd;

	if (!conf->path) {
		*size = (uint64_t)conf->mib << 20;
		fd = memfd_create("disk", MFD_CLOEXEC);
		if (fd >= 0 && !ftruncate(fd, (off_t)*size))
			return fd;
		vrb_fail(err, errno, "--disk-size %u: %s", conf->mib, strerror(errno));
	} else {
		fd = open(conf->path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0 || fstat(fd, &st))
			vrb_fail(err, errno, "--disk %.300s: %s", conf->path, strerror(errno));
		else if (!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size % BLK_SECTOR)
			vrb_fail(err, EINVAL,
				 "--disk %.300s: legal: a plain file of whole sectors of %u bytes",
				 conf->path, BLK_SECTOR);
		else
			return *size = (uint64_t)st.st_size, fd;
	}
	if (fd >= 0)
		close(fd);
	return -EINVAL;
}

int blk_open(struct blk_disk *disk, const struct blk_conf *conf, struct vrb_err *err)
{
	struct peer_region all = {0};
	int fd = open_file(conf, &all.size, err), ret;

	*disk = (struct blk_disk){.draw = {conf->seed},
				  .turn_bytes = BLK_TURN_BYTES,
				  .reversed_below = (uint64_t)(conf->reversed * 0x1p63)};
	if (fd < 0)
		return fd;
	ret = peer_memory_map(&disk->memory, &all, 1, &fd, err);
	close(fd);
	return ret;
}

void blk_close(struct blk_disk *disk)
{
	peer_memory_unmap(&disk->memory);
}

struct vhost_offer blk_offer(const struct blk_disk *disk, uint64_t features, unsigned queues)
{
	const struct virtio_blk_config config = {
		.capacity = htole64(disk_bytes(disk) / BLK_SECTOR),
		.seg_max = htole32(BLK_SEG_MAX),
		.blk_size = htole32(BLK_SECTOR),
		.num_queues = htole16((uint16_t)queues),
	};
	struct vhost_offer offer = {
		.features = features | VHOST_FEATURE(VIRTIO_BLK_F_SEG_MAX) |
			    VHOST_FEATURE(VIRTIO_BLK_F_BLK_SIZE) |
			    VHOST_FEATURE(VIRTIO_BLK_F_FLUSH) |
			    (queues > 1 ? VHOST_FEATURE(VIRTIO_BLK_F_MQ) : 0),
		.protocol = VHOST_PROTOCOL_INFLIGHT,
		.queues = queues,
		.queue_num = queues,
		.chain_feature = VHOST_FEATURE(VIRTIO_BLK_F_SEG_MAX),
		.chain_most = BLK_SEG_MAX + 2,
		.both_ways = true,
		/* What later versions have behind the fields of this one is zero. */
		.config_bytes = VHOST_CONFIG,
	};

	memcpy(offer.config, &config, sizeof(config));
	return offer;
}

/* ---- requests ---- */

/* A part of a chain: from byte @at of what is to be read, or to be written. */
struct part {
	const struct chain_piece *piece;
	uint64_t at;
};

static struct part read_part(const struct chain *chain, uint64_t at)
{
	return (struct part){chain->piece, at};
}

static struct part write_part(const struct chain *chain, uint64_t at)
{
	return (struct part){chain->piece + chain->reads, at};
}

/* What is done with the bytes of a part, piece by piece. */
enum copying { FROM_CHAIN, TO_CHAIN, ZERO_CHAIN };

/* Copies between a part of a chain, which has as many bytes, and memory, of which ZERO_CHAIN needs none. */
static void copy(struct part part, enum copying how, unsigned char *memory, uint64_t len)
{
	for (const struct chain_piece *p = part.piece; len; p++) {
		const uint64_t skip = part.at < p->len ? part.at : p->len;
		const uint64_t n = p->len - skip < len ? p->len - skip : len;

		part.at -= skip;
		len -= n;
		if (!n)
			continue;
		if (how == ZERO_CHAIN) {
			memset(p->at + skip, 0, n);
			continue;
		}
		if (how == TO_CHAIN)
			memcpy(p->at + skip, memory, n);
		else
			memcpy(memory, p->at + skip, n);
		memory += n;
	}
}

/* The sectors are there: in whole, and before the end. */
static bool on_disk(const struct blk_disk *disk, uint64_t sector, uint64_t len)
{
	const uint64_t sectors = disk_bytes(disk) / BLK_SECTOR;

	return len % BLK_SECTOR == 0 && sector <= sectors && len / BLK_SECTOR <= sectors - sector;
}

/* Reads or writes @len bytes. Returns the status; what is to be read and cannot be is zeroes. */
static unsigned char do_request(struct blk_disk *disk, const struct chain *chain, uint64_t out,
				uint64_t in)
{
	static const char id[BLK_ID_BYTES] = "vringbench";
	struct virtio_blk_outhdr header;
	unsigned char bytes[BLK_ID_BYTES], status = VIRTIO_BLK_S_IOERR;
	const struct part data = write_part(chain, 0);
	unsigned char *at = NULL;
	uint64_t sector;

	copy(read_part(chain, 0), FROM_CHAIN, (unsigned char *)&header, sizeof(header));
	sector = le64toh(header.sector);
	switch (le32toh(header.type)) {
	case VIRTIO_BLK_T_IN:
		if (!out && on_disk(disk, sector, in))
			at = disk->memory.base[0] + sector * BLK_SECTOR;
		break;
	case VIRTIO_BLK_T_OUT:
		if (!in && on_disk(disk, sector, out)) {
			copy(read_part(chain, sizeof(header)), FROM_CHAIN,
			     disk->memory.base[0] + sector * BLK_SECTOR, out);
			return VIRTIO_BLK_S_OK;
		}
		break;
	case VIRTIO_BLK_T_FLUSH:
		/* what was written is where it is read; of a file it must outlive us */
		if (!in && !out &&
		    !msync(disk->memory.mapped[0].at, disk->memory.mapped[0].size, MS_SYNC))
			return VIRTIO_BLK_S_OK;
		break;
	case VIRTIO_BLK_T_GET_ID:
		if (!out && in && in <= BLK_ID_BYTES) {
			memcpy(bytes, id, sizeof(bytes));
			at = bytes;
		}
		break;
	default:
		status = VIRTIO_BLK_S_UNSUPP;
	}
	copy(data, at ? TO_CHAIN : ZERO_CHAIN, at, in);
	return at ? VIRTIO_BLK_S_OK : status;
}

/* Returns how many bytes were written. */
static uint32_t serve_request(struct blk_disk *disk, struct peer_queue *q, struct chain *chain)
{
	const uint64_t header = sizeof(struct virtio_blk_outhdr);
	const uint64_t writes = chain->bytes - chain->read_bytes;
	const uint64_t out = chain->read_bytes - header, in = writes - 1; /* data, if there are */
	unsigned char status;

	if (!chain->error && (chain->read_bytes < header || !writes))
		chain->error = CHAIN_SHORT;
	if (!chain->error &&
	    (out > disk_bytes(disk) || in > disk_bytes(disk) || writes > UINT32_MAX))
		chain->error = CHAIN_LONG;
	if (chain->error)
		return 0;
	status = do_request(disk, chain, out, in);
	/* the handler of SIGBUS has put zeroes there: it ran under the copy, before this reads */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (disk->memory.lost)
		status = VIRTIO_BLK_S_IOERR;
	copy(write_part(chain, in), TO_CHAIN, &status, 1);
	q->stats.packets++;
	if (status)
		q->stats.failed++;
	else
		q->stats.bytes += in + out;
	return (uint32_t)writes;
}

bool blk_turn(struct blk_disk *disk, struct peer_queue *q)
{
	struct {
		struct chain chain;
		uint32_t len;
	} taken[PEER_BURST];
	struct chain *chain;
	uint64_t bytes = 0;
	unsigned n = 0;
	bool reversed;

	while (n < PEER_BURST && bytes < disk->turn_bytes && (chain = peer_queue_take(q))) {
		bytes += chain->bytes;
		taken[n].len = serve_request(disk, q, chain);
		peer_queue_note(q, chain);
		taken[n++].chain = *chain;
	}
	reversed = n && rng_next(&disk->draw) >> 1 < disk->reversed_below;
	for (unsigned i = 0; i < n; i++) {
		const unsigned which = reversed ? n - 1 - i : i;

		peer_queue_return(q, &taken[which].chain, taken[which].len);
	}
	peer_queue_publish(q);
	return n;
}

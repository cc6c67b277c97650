#include "sys/privilege_pause.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool get(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	return syscall(SYS_capget, &header, data) == 0;
}

static bool set(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	return syscall(SYS_capset, &header, data) == 0;
}

void privilege_pause(struct privilege_pause *pause, uint32_t keep)
{
	struct __user_cap_data_struct data[2];
	if (pause->paused || !get(data) || !(data[0].effective | data[1].effective))
		return;
	for (unsigned i = 0; i < 2; i++)
		pause->effective[i] = data[i].effective;
	data[0].effective &= keep;
	data[1].effective = 0;
	pause->paused = set(data);
}

void privilege_resume(struct privilege_pause *pause)
{
	struct __user_cap_data_struct data[2];
	if (!pause->paused || !get(data))
		return;
	for (unsigned i = 0; i < 2; i++)
		data[i].effective = pause->effective[i] & data[i].permitted;
	set(data);
	pause->paused = false;
}

#include "out/forms_parts.h"

#include "base/mem.h"

#include <stdlib.h>

struct forms {
	enum form form;
	int fd;
	uint64_t points;
	struct junit *junit;
	struct nagios nagios;
	struct prometheus prometheus;
};

struct forms *forms_open(enum form form, const char *junit, int fd, struct error *err)
{
	struct forms *forms = NEW(struct forms);
	forms->form = form;
	forms->fd = fd;
	if (junit && !(forms->junit = junit_open(junit, err))) {
		free(forms);
		return NULL;
	}
	if (form == FORM_TAP)
		tap_begin(fd);
	else if (form == FORM_NAGIOS)
		nagios_begin(&forms->nagios);
	else if (form == FORM_PROMETHEUS)
		prometheus_begin(&forms->prometheus);
	return forms;
}

void forms_point(struct forms *forms, const struct point *point)
{
	forms->points++;
	if (forms->junit)
		junit_point(forms->junit, point);
	if (forms->form == FORM_TAP)
		tap_point(forms->fd, forms->points, point);
	else if (forms->form == FORM_NAGIOS)
		nagios_point(&forms->nagios, point);
	else if (forms->form == FORM_PROMETHEUS)
		prometheus_point(&forms->prometheus, point);
}

int forms_close(struct forms *forms, int worst, struct error *err)
{
	int status = worst;
	if (forms->form == FORM_TAP)
		tap_end(forms->fd, forms->points);
	else if (forms->form == FORM_NAGIOS)
		status = nagios_end(&forms->nagios, forms->fd, worst);
	else if (forms->form == FORM_PROMETHEUS)
		prometheus_end(&forms->prometheus, forms->fd);
	if (forms->junit && junit_close(forms->junit, err) < 0)
		status = STATUS_CANNOT;
	free(forms);
	return status;
}
